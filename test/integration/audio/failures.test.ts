import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestDaemon } from '../../support/pulse-daemons.ts';
import { freePort } from '../../support/free-port.ts';
import { desire, startPlane, type TestPlane } from '../../support/pulse-rig.ts';

const routed = desire({
  gadgets: ['desk'],
  mics: { 'mic:room': 'room' },
  routes: { 'mic:room|desk.mic': 0 },
});

describe('a sound server that cannot be used', () => {
  let directory: string;
  let rig: TestPlane | undefined;
  let server: Server | undefined;
  const sockets = new Set<Socket>();

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'xp-bad-'));
  });
  afterEach(async () => {
    await rig?.dispose();
    rig = undefined;
    for (const socket of sockets) socket.destroy();
    server?.close();
    server = undefined;
    await rm(directory, { recursive: true, force: true });
  });

  /** Something that listens where a sound server should. */
  const pretend = async (onConnection: (socket: Socket) => void): Promise<string> => {
    const path = join(directory, 'native');
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      onConnection(socket);
    });
    server.listen(path);
    await once(server, 'listening');
    return `unix:${path}`;
  };
  const reasonOf = async (address: string, env: NodeJS.ProcessEnv = {}): Promise<string> => {
    rig = await startPlane({ server: address, env });
    rig.plane.apply(routed);
    const { sound } = await rig.until('it failed', (status) => status.sound.state === 'failed');
    return sound.reason ?? '';
  };

  it('says that nobody answers', async () => {
    const address = `unix:${join(directory, 'nobody')}`;
    expect(await reasonOf(address)).toBe(`No sound server answers at ${address}.`);
  });

  it('says that nobody answers over the network', async () => {
    expect(await reasonOf('tcp:127.0.0.1:1')).toBe('No sound server answers at tcp:127.0.0.1:1.');
  });

  it('says that the cookie is wrong, and what to do', async () => {
    const cookie = join(directory, 'cookie');
    const port = await freePort();
    await writeFile(cookie, Buffer.alloc(256, 7));
    const daemon = await startTestDaemon('pulseaudio', {
      pulseModules: `load-module module-native-protocol-tcp listen=127.0.0.1 port=${port} auth-cookie=${cookie}`,
    });
    try {
      const reason = await reasonOf(`tcp:127.0.0.1:${port}`, { HOME: directory });
      expect(reason).toContain('it wants another cookie');
      expect(reason).toContain('PULSE_COOKIE');
      await rig!.dispose();
      rig = await startPlane({ server: `tcp:127.0.0.1:${port}`, env: { PULSE_COOKIE: cookie } });
      expect(rig.plane.status.sound.state).toBe('ready');
    } finally {
      await rig?.dispose();
      await daemon.dispose();
    }
  });

  it('says that something else is there', async () => {
    const address = await pretend((socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect(await reasonOf(address)).toBe(`What answers at ${address} is not a sound server.`);
  });

  it('says that the other side hangs up', async () => {
    const address = await pretend((socket) => socket.destroy());
    expect(await reasonOf(address)).toBe(`The sound server at ${address} closed the connection at once.`);
  });

  it('says that the other side is mute', async () => {
    const address = await pretend(() => undefined);
    expect(await reasonOf(address)).toBe(
      `The program at ${address} took the connection but does not answer as a sound server.`,
    );
  });

  it('says that it is too old', async () => {
    // An answer to the greeting (tag 0) with protocol version 21.
    const answer = Buffer.from([0, 0, 0, 15, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    const body = Buffer.from([0x4c, 0, 0, 0, 2, 0x4c, 0, 0, 0, 0, 0x4c, 0, 0, 0, 21]);
    const address = await pretend((socket) =>
      socket.once('data', () => socket.write(Buffer.concat([answer, body]))),
    );
    expect(await reasonOf(address)).toBe(`The sound server at ${address} is too old for Crosspoint.`);
  });

  it('says that PulseAudio is not installed when there is no server at all', async () => {
    await mkdir(join(directory, 'bin'));
    const reason = await reasonOf('auto', { PATH: join(directory, 'bin'), XDG_RUNTIME_DIR: directory });
    expect(reason).toBe(
      'No sound server is running, and PulseAudio is not installed. ' +
        'Install the package pulseaudio, or start PipeWire with pipewire-pulse.',
    );
  });

  it('refuses an address that is none', async () => {
    await expect(startPlane({ server: 'unix:relative' })).rejects.toMatchObject({ pulse: 'invalid-server' });
  });

  it('is left alone when it is the user’s and refuses: no second one is started beside it', async () => {
    const address = await pretend((socket) => socket.destroy());
    const reason = await reasonOf('auto', { PATH: process.env.PATH, PULSE_SERVER: address });
    expect(reason).toContain('closed the connection at once');
  });

  it('is used as soon as it comes', async () => {
    const path = join(directory, 'later');
    rig = await startPlane({ server: `unix:${path}` });
    expect(rig.plane.status.sound.state).toBe('failed');
    const daemon = await startTestDaemon('pulseaudio', {
      pulseModules: `load-module module-native-protocol-unix socket=${path} auth-cookie-enabled=0`,
    });
    try {
      await rig.until('it is used', ({ sound }) => sound.state === 'ready', 3000);
    } finally {
      await rig.dispose();
      await daemon.dispose();
    }
  });

  it('is replaced by a working connection when it hangs', async () => {
    const daemon = await startTestDaemon('pulseaudio');
    try {
      rig = await startPlane({ server: daemon.address });
      rig.plane.apply(routed);
      await rig.until('it works', ({ crosspoints }) => crosspoints['mic:room|desk.mic']?.state === 'offline');
      for (const pid of daemon.pids) process.kill(pid, 'SIGSTOP');
      await rig.until('it is seen to hang', ({ sound }) => sound.state !== 'ready', 15_000);
      for (const pid of daemon.pids) process.kill(pid, 'SIGCONT');
      await rig.until(
        'it works again',
        ({ sound, devices }) => sound.state === 'ready' && devices !== null,
        10_000,
      );
    } finally {
      await rig?.dispose();
      await daemon.dispose();
    }
  });
});
