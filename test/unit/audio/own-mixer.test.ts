import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { silentLogger } from '../../../electron/base/logger.ts';
import { wantedOf } from '../../../electron/audio/graph/wanted.ts';
import { OwnMixer } from '../../../electron/audio/mixer/own-mixer.ts';
import { PROTOCOL_VERSION } from '../../../electron/audio/mixer/protocol.ts';
import { type MixerHome, mixerSocket } from '../../../electron/audio/mixer/start-mixer.ts';
import { type PulseClient } from '../../../electron/audio/pulse/index.ts';
import { desire } from '../../support/pulse-rig.ts';
import { CALM_WANTED, SnapshotBuilder } from '../../support/pulse-snapshot.ts';

const SERVER = 'unix:/run/pulse/native';

let home: MixerHome;
let mixer: OwnMixer;
let server: Server | undefined;
let checks: (() => void)[];

beforeEach(() => {
  const runtimeDir = mkdtempSync(join(tmpdir(), 'crosspoint-own-'));
  home = {
    program: '/nowhere/crosspoint-mixer',
    runtimeDir,
    server: SERVER,
    cookie: new Uint8Array(256),
    env: {},
  };
  checks = [];
  mixer = new OwnMixer({
    home,
    client: {} as unknown as PulseClient,
    snapshot: () => new SnapshotBuilder().snapshot,
    log: silentLogger,
    onChange: () => {
      for (const check of [...checks]) check();
    },
    onPeaks: () => undefined,
    onFailed: () => undefined,
  });
});
afterEach(() => {
  mixer.dispose();
  server?.close();
  server = undefined;
  rmSync(home.runtimeDir, { recursive: true });
});

/** Resolves as soon as it is so. */
const until = (is: () => boolean): Promise<void> =>
  new Promise((resolve) => {
    const check = (): void => {
      if (is()) resolve();
    };
    checks.push(check);
    check();
  });

/** One that greets as a mixer does. */
async function run(onLine: (line: string, socket: Socket) => void): Promise<{ connections: number }> {
  const seen = { connections: 0 };
  mkdirSync(dirname(mixerSocket(home)), { recursive: true });
  server = createServer((socket) => {
    seen.connections++;
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      for (const line of String(data).trim().split('\n')) {
        if (line.startsWith('hello'))
          socket.write(`mixer ${PROTOCOL_VERSION} 1 ${SERVER.replaceAll('/', '%2F')}\nready\n`);
        onLine(line, socket);
      }
    });
  }).listen(mixerSocket(home));
  await once(server, 'listening');
  return seen;
}

it('that is missing is tried at once when it is wanted again: no path waits for the next try', async () => {
  mixer.want(true);
  await until(() => mixer.trouble !== null);
  mixer.want(false);
  expect(mixer.trouble).toBeNull();
  mixer.want(true);
  await until(() => mixer.trouble !== null);
  expect(mixer.trouble).toContain('it is not part of this installation');
});

it('that dies again and again is given up after four times', async () => {
  const seen = await run((_line, socket) => socket.end());
  mixer.want(true);
  await until(() => mixer.trouble !== null);
  expect(seen.connections).toBe(4);
  expect(mixer.trouble).toBe(
    'Crosspoint’s own mixer cannot be used: it ended unexpectedly. Loopbacks of the sound server mix instead.',
  );
});

it('that is ending is not used any more; wanted again, another one is', async () => {
  let tell: (socket: Socket) => void = () => undefined;
  const told = new Promise<Socket>((resolve) => (tell = resolve));
  await run((line, socket) => {
    if (line === 'quit') tell(socket);
  });
  mixer.want(true);
  await until(() => mixer.isReady);
  mixer.want(false);
  expect(mixer.isReady).toBe(false);
  const ending = await told;
  mixer.want(true);
  expect(mixer.isReady).toBe(false);
  ending.end();
  await until(() => mixer.isReady);
});

it('that has gone since builds nothing', async () => {
  const [crosspoint] = wantedOf(
    desire({ gadgets: ['desk'], mics: { 'mic:room': 'room' }, routes: { 'mic:room|desk.mic': 0 } }),
    'pulseaudio',
    { ...CALM_WANTED, mixer: 'own' },
  ).crosspoints;
  await mixer.build(crosspoint!);
  expect(mixer.paths.size).toBe(0);
});
