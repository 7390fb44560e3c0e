import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { MixerLink } from '../../../electron/audio/mixer/mixer-link.ts';
import { PROTOCOL_VERSION } from '../../../electron/audio/mixer/protocol.ts';

const SERVER = 'unix:/run/pulse/native';

/** One that greets as a mixer does. */
async function withMixer(test: (path: string, accepted: Promise<Socket>) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'crosspoint-link-'));
  const path = join(folder, 'socket');
  const mixer = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () =>
      socket.write(`mixer ${PROTOCOL_VERSION} 1 ${SERVER.replaceAll('/', '%2F')}\nready\n`),
    );
  }).listen(path);
  try {
    await test(
      path,
      once(mixer, 'connection').then(([socket]) => socket as Socket),
    );
  } finally {
    mixer.close();
    rmSync(folder, { recursive: true });
  }
}

it('ends quietly, however the mixer breaks off', async () => {
  await withMixer(async (path, accepted) => {
    const link = await MixerLink.open(path, SERVER, () => undefined);
    expect(link).not.toBeNull();
    // An error of the socket, which nobody has to listen for.
    const socket = await accepted;
    link?.say('meters 1');
    socket.destroy(new Error('reset'));
    await link?.closed;
  });
});

it('is not there where nobody listens', async () => {
  expect(await MixerLink.open('/nowhere/socket', SERVER, () => undefined)).toBeNull();
});
