import { randomUUID } from 'node:crypto';
import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Command as Program, Option } from 'commander';
import { CrosspointError, messageOf } from '../contract/index.ts';
import { boxKeyIn } from '../gadgets/box-key.ts';
import { cardFiles } from '../gadgets/card/card-files.ts';
import { jsonOption, print, stateDirOption } from './command.ts';
import { firstLine } from './input.ts';

interface ImageFlags {
  readonly stateDir: string;
  readonly json?: boolean;
  readonly os: 'trixie' | 'bookworm';
  readonly hostname: string;
  readonly user: string;
  readonly key?: string;
  readonly wifi?: string;
  readonly country?: string;
}

/** `gadget image`: works without a running engine. */
export function registerImageCommand(gadget: Program): void {
  gadget
    .command('image <dir>')
    .description(
      'write to the boot partition of a freshly flashed card what makes it a gadget that this box finds',
    )
    .addOption(stateDirOption('of the box that shall find it'))
    .addOption(jsonOption())
    .addOption(
      new Option('--os <name>', 'which Raspberry Pi OS (64-bit) is on the card')
        .choices(['trixie', 'bookworm'])
        .default('trixie'),
    )
    .option('--hostname <name>', 'its name in the network', 'crosspoint')
    .option('--user <user>', 'its user', 'pi')
    .option('--key <file>', 'a public key of yours that may log in, too')
    .option('--wifi <name>', 'a Wi-Fi to use; its password is read from the standard input')
    .option('--country <letters>', 'the country of the Wi-Fi, such as DE')
    .action(async (directory: string, flags: ImageFlags) => writeCard(resolve(directory), flags));
}

async function writeCard(directory: string, flags: ImageFlags): Promise<void> {
  if (!(await stat(directory).catch(() => undefined))?.isDirectory())
    throw new CrosspointError('bad-request', `${directory} is no directory.`, {
      hint: 'Give the boot partition of the card, such as /media/you/bootfs.',
    });
  const { publicKey } = await boxKeyIn(join(flags.stateDir, 'gadgets'));
  const own = flags.key === undefined ? undefined : (await readText(flags.key)).trim();
  if (flags.wifi !== undefined && flags.country === undefined)
    throw new CrosspointError('bad-request', 'Wi-Fi needs a country.', { hint: 'For example --country DE.' });
  const files = cardFiles(
    {
      os: flags.os,
      hostname: flags.hostname,
      user: flags.user,
      publicKeys: own === undefined ? [publicKey] : [publicKey, own],
      ...(flags.wifi === undefined
        ? {}
        : {
            wifi: {
              ssid: flags.wifi,
              password: await firstLine(process.stdin, 'the password of the Wi-Fi'),
              country: flags.country ?? '',
            },
          }),
      instance: `crosspoint-${randomUUID()}`,
    },
    {
      'config.txt': await readText(join(directory, 'config.txt')).catch(() => undefined),
      'cmdline.txt': await readText(join(directory, 'cmdline.txt')).catch(() => undefined),
    },
  );
  const written: string[] = [];
  for (const [name, content] of Object.entries(files)) {
    const path = join(directory, name);
    try {
      await writeFile(`${path}.new`, content);
      await rename(`${path}.new`, path);
    } catch (error) {
      throw new CrosspointError('unavailable', `${path} cannot be written: ${messageOf(error)}.`, {
        cause: error,
      });
    }
    written.push(path);
  }
  print(flags.json === true ? JSON.stringify({ files: written }) : written.join('\n'));
  if (!('config.txt' in files))
    process.stderr.write(
      'crosspoint: there is no config.txt here: is this the boot partition of the card?\n',
    );
}

const readText = async (path: string): Promise<string> => readFile(path, 'utf8');
