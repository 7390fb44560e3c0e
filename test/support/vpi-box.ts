import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { type PulseClient } from '../../electron/audio/pulse/index.ts';
import { type State } from '../../electron/contract/index.ts';
import { EngineProcess } from './engine-process.ts';
import { cliWith } from './gadgets-cli.ts';
import { startTestDaemon, type TestDaemon } from './pulse-daemons.ts';
import { makeMicrophone, makeSpeaker } from './pulse-tone.ts';
import { NumberedCameras } from './vpi-cameras.ts';
import { ClockServer } from './vpi-clock.ts';
import { clientCard, clientSeesGadget, gadgetPackage, installClients } from './vpi-gadget.ts';
import { freePort } from './free-port.ts';
import { VirtualPi } from './vpi-guest.ts';
import { recordSource } from './vpi-recorder.ts';

const VERSION_FILE = join(import.meta.dirname, '../../native/gadget/VERSION');
export const GADGET = 'desk';
export const PASSWORD = 'raspberry\n';

/**
 * The whole of it: `crosspoint serve` on this machine with a microphone `room`, a speaker `hall` and cameras, and a virtual
 * Pi that the command line has set up over SSH. In the guest, this machine's loopback is 10.0.2.2.
 */
export class Box {
  readonly guest: VirtualPi;
  readonly cameras: NumberedCameras;
  readonly clock: ClockServer;
  readonly sound: TestDaemon;
  /** A client of the sound server, beside the box. */
  readonly pulse: PulseClient;
  readonly #directory: string;
  engine: EngineProcess;
  /** The client computer's camera, `/dev/videoN`, and its sound card, as ALSA calls it. */
  camera = '';
  card = '';

  private constructor(
    parts: Pick<Box, 'guest' | 'cameras' | 'clock' | 'sound' | 'pulse' | 'engine'>,
    directory: string,
  ) {
    this.guest = parts.guest;
    this.cameras = parts.cameras;
    this.clock = parts.clock;
    this.sound = parts.sound;
    this.pulse = parts.pulse;
    this.engine = parts.engine;
    this.#directory = directory;
  }

  /** With a bare guest: `setUp` makes it the gadget. */
  static async start(): Promise<Box> {
    const directory = await mkdtemp(join(tmpdir(), 'crosspoint-vpi-box-'));
    const version = (await readFile(VERSION_FILE, 'utf8')).trim();
    await writeFile(join(directory, `crosspoint-gadget_${version}_amd64.deb`), await gadgetPackage());
    const sound = await startTestDaemon('pulseaudio');
    const pulse = await sound.connect();
    await makeMicrophone(pulse, 'room');
    await makeSpeaker(pulse, 'hall');
    const cameras = await NumberedCameras.start(2);
    const engine = await EngineProcess.start({
      stateDir: directory,
      // The gadget remembers the port: it has to be the same after a restart.
      args: ['--pulse', sound.address, '--audio-listen', `127.0.0.1:${await freePort()}`],
      env: { CROSSPOINT_GADGET_PACKAGES: directory, ...cameras.env },
    });
    const guest = await VirtualPi.start();
    await installClients(guest);
    const clock = await ClockServer.start();
    return new Box({ guest, cameras, clock, sound, pulse, engine }, directory);
  }

  async dispose(): Promise<void> {
    await this.guest.dispose();
    await this.engine.stop();
    this.pulse.dispose();
    this.clock.dispose();
    await this.sound.dispose();
    await this.cameras.dispose();
    await rm(this.#directory, { recursive: true, force: true });
  }

  /** The command line against this box. */
  cli(input: string, ...args: string[]): ReturnType<typeof cliWith> {
    return cliWith(input, [...args, '--state-dir', this.#directory]);
  }

  /**
   * Set the guest up by the command line, and wait until it is connected and its client sees it.
   * @returns how long the command line took
   */
  async setUp(): Promise<number> {
    const added = await this.cli(
      '',
      ...['gadget', 'add', 'Desk', '--host', '127.0.0.1', '--port', String(this.guest.sshPort)],
    );
    if (added.code !== 0) throw new Error(added.stderr);
    const provisioned = await this.cli(PASSWORD, 'gadget', 'provision', GADGET, '--password-stdin');
    if (provisioned.code !== 0) throw new Error(provisioned.stdout + provisioned.stderr);
    await this.connected();
    this.camera = await clientSeesGadget(this.guest);
    this.card = await clientCard(this.guest);
    return provisioned.ms;
  }

  /** Resolves when the gadget's pictures and sound are connected. */
  connected(limitMs = 60_000): Promise<State> {
    return this.engine.until(
      'pictures and sound of the gadget',
      ({ status }) =>
        status.gadgets[GADGET]?.video === 'connected' && status.gadgets[GADGET].audio === 'connected',
      limitMs,
    );
  }

  /** `red`, `green`: encoded by the box. `one`, `two`: numbered, and passed on untouched. */
  async addCameras(): Promise<void> {
    await this.engine.run(
      { type: 'camera.add', name: 'Red', kind: 'test', pattern: 'red' },
      { type: 'camera.add', name: 'Green', kind: 'test', pattern: 'green' },
      { type: 'camera.add', name: 'One', kind: 'v4l2', device: this.cameras.device(1) },
      { type: 'camera.add', name: 'Two', kind: 'v4l2', device: this.cameras.device(2) },
    );
  }

  /** Route by the API, and wait until it is live. */
  async route(source: string, destination: string): Promise<void> {
    await this.engine.run({ type: 'route', source, destination });
    await this.engine.until(
      `${source} → ${destination}`,
      ({ status }) => ['live', 'degraded'].includes(status.cells[`${source}|${destination}`]?.state ?? ''),
      20_000,
    );
  }

  /** Record one of the sound server's sources (16 bits, 48 kHz, stereo) until `stop` is called. */
  record(source: string): { stop: () => Promise<Buffer> } {
    return recordSource(source, this.sound.env);
  }
}

/** Registers what has to happen before and after the tests of this file: a box, its gadget set up or still `bare`. */
export function useBox(gadget: 'set up' | 'bare' = 'set up'): () => Box {
  let box: Box | undefined;
  beforeAll(async () => {
    box = await Box.start();
    if (gadget === 'set up') await box.setUp();
    await box.addCameras();
  });
  afterAll(() => box?.dispose());
  return () => {
    if (!box) throw new Error('the box has not started');
    return box;
  };
}
