import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import ssh2 from 'ssh2';
import { makeDirectory } from '../base/make-directory.ts';
import { CrosspointError, messageOf } from '../contract/index.ts';

/** The box's own key pair for its gadgets. */
export interface BoxKey {
  /** OpenSSH's format. A secret. */
  readonly privateKey: string;
  /** One line for authorized_keys. */
  readonly publicKey: string;
}

const FILE = 'id_ed25519';

/** Read the box's key pair; made once, in files that only their owner can read. */
export async function boxKeyIn(directory: string): Promise<BoxKey> {
  const path = join(directory, FILE);
  const privateKey = await readIfThere(path);
  if (privateKey !== undefined) {
    const key = parsePrivateKey(privateKey, path);
    return { privateKey, publicKey: lineOf(key) };
  }
  await makeDirectory(directory);
  const pair = newPair();
  const publicKey = lineOf(parsePrivateKey(pair.private, path));
  await writeFile(`${path}.pub`, `${publicKey}\n`, { mode: 0o644 });
  await writeFile(`${path}.new`, pair.private, { mode: 0o600 });
  await rename(`${path}.new`, path);
  return { privateKey: pair.private, publicKey };
}

/** Of the pairs that ssh2 1.17 makes, some (14 of 3000) are malformed. */
function newPair(): ReturnType<typeof ssh2.utils.generateKeyPairSync> {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519', { comment: 'crosspoint' });
    if (!(ssh2.utils.parseKey(pair.private) instanceof Error)) return pair;
  }
}

const lineOf = (key: ssh2.ParsedKey): string =>
  `${key.type} ${key.getPublicSSH().toString('base64')} crosspoint`;

function parsePrivateKey(text: string | Buffer, path: string): ssh2.ParsedKey {
  // A file may hold several keys; the types say one.
  const parsed = ssh2.utils.parseKey(text) as ssh2.ParsedKey | readonly ssh2.ParsedKey[] | Error;
  const key = parsed instanceof Error ? parsed : [parsed].flat()[0];
  if (!key || key instanceof Error || !key.isPrivateKey()) {
    const locked = key instanceof Error && /passphrase|encrypted/i.test(key.message);
    throw new CrosspointError(
      'bad-request',
      locked ? `The key in ${path} has a passphrase.` : `${path} holds no private key.`,
      {
        path: 'key',
        hint: locked
          ? 'Add it to your SSH agent (ssh-add), and start Crosspoint where it can reach that.'
          : 'Give the file of the private key, such as ~/.ssh/id_ed25519.',
      },
    );
  }
  return key;
}

/**
 * The private key in a file that a person named.
 * @throws CrosspointError `bad-request`
 */
export async function privateKeyIn(file: string): Promise<string> {
  const path = resolve(file.replace(/^~(?=\/)/, homedir()));
  let text: string;
  try {
    const { size } = await stat(path);
    if (size > 64 * 1024) throw new Error('it is too large for a key');
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new CrosspointError('bad-request', `The key ${path} cannot be read: ${messageOf(error)}.`, {
      path: 'key',
      cause: error,
    });
  }
  parsePrivateKey(text, path);
  return text;
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
