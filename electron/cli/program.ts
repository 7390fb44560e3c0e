import { Command as Program, InvalidArgumentError, Option } from 'commander';
import { type Address, parseAddress } from '../engine/address.ts';
import { DEFAULT_HTTP_PORT, DEFAULT_RTMP_PORT } from '../engine/paths.ts';
import { VERSION } from '../version.ts';
import { registerClientCommands } from './client-commands.ts';
import { jsonOption, stateDirOption, TOKEN_VARIABLE } from './command.ts';
import { registerShellCommands } from './shell-commands.ts';
import { registerDoctorCommands } from './doctor-commands.ts';
import { LEVELS, runServe } from './serve.ts';

function readAddress(text: string): Address {
  const address = parseAddress(text);
  if (!address)
    throw new InvalidArgumentError('An address looks like 127.0.0.1:8080; port 0 means any free one.');
  return address;
}

/**
 * The command line: what it takes and what it does.
 * @param silent wrong usage is thrown, not said
 */
export function createProgram({ silent = false } = {}): Program {
  const program = new Program('crosspoint')
    .description('Routes cameras, microphones and speakers to computers on which nothing can be installed.')
    .version(VERSION)
    .exitOverride()
    .showHelpAfterError('(crosspoint --help tells more)');
  // Handed on to what is made from here on.
  if (silent) program.configureOutput({ writeErr: () => undefined });
  program
    .command('serve')
    .description('run the engine without a window, with the HTTP API and the UI for browsers')
    .addOption(stateDirOption('where the routing is kept'))
    .option('--http <host:port>', 'address of the API and the UI; port 0: any free one', readAddress, {
      host: '127.0.0.1',
      port: DEFAULT_HTTP_PORT,
    })
    .option('--rtmp <host:port>', 'address of the RTMP server', readAddress, {
      host: '127.0.0.1',
      port: DEFAULT_RTMP_PORT,
    })
    .option(
      '--pulse <server>',
      'sound server: "auto", "private", or an address such as unix:/run/user/1000/pulse/native',
      'auto',
    )
    .option('--audio-listen <host:port>', 'where gadgets reach the sound server', readAddress)
    .option(
      '--osc <host:port>',
      'where control surfaces reach it by OSC (UDP), such as 127.0.0.1:7780',
      readAddress,
    )
    .addOption(
      new Option(
        '--osc-allow <network>',
        'who may send OSC beyond loopback, such as 192.168.1.0/24',
      ).argParser((text: string, before: readonly string[] | undefined) => [
        ...(before ?? []),
        ...text.split(','),
      ]),
    )
    .option('--demo', 'a rig without hardware: everything flows for real')
    .addOption(
      new Option('--token <token>', 'what API clients must know; required beyond loopback').env(
        TOKEN_VARIABLE,
      ),
    )
    .option('--restore-backup', 'start from the backup when the state file is damaged')
    .option('--no-discovery', 'do not look for gadgets in the network')
    .addOption(new Option('--log-level <level>', 'how much is said').choices(LEVELS).default('info'))
    .addOption(jsonOption('say an error as JSON, too; the line that says that it is ready always is'))
    .action(runServe);
  registerClientCommands(program);
  registerDoctorCommands(program);
  registerShellCommands(program);
  return program;
}
