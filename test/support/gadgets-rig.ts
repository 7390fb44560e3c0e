import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Logger } from '../../electron/base/logger.ts';
import { GadgetId, type GadgetAction, type GadgetManagement } from '../../electron/contract/index.ts';
import { createGadgetsPlane } from '../../electron/gadgets/gadgets-plane.ts';
import {
  type BoxFacts,
  type Credentials,
  type GadgetDesired,
  type GadgetsPlane,
} from '../../electron/gadgets/plane.ts';
import { FakePi } from './gadgets-fake-pi.ts';
import { PiServer, type PiServerOptions } from './gadgets-ssh-server.ts';

export const DESK = GadgetId.parse('desk');

/** A gadgets' plane next to one made-up Pi. */
export class GadgetsRig {
  readonly pi: FakePi;
  readonly server: PiServer;
  readonly directory: string;
  /** Everything that was logged, as text. */
  readonly logged: string[] = [];
  plane!: GadgetsPlane;
  gadget: GadgetDesired;
  box: BoxFacts = {
    rtmp: { port: 1935, loopback: false },
    sound: { port: 4713, loopback: false, cookie: new Uint8Array(256).fill(7) },
  };
  /** Does the gadget connect when it is told to? */
  connects = true;
  healthMs = 3_600_000;
  #linked = false;

  private constructor(pi: FakePi, server: PiServer, directory: string) {
    this.pi = pi;
    this.server = server;
    this.directory = directory;
    this.gadget = {
      id: DESK,
      label: 'Desk',
      host: '127.0.0.1',
      port: server.port,
      user: 'pi',
      token: 'a-token-that-nobody-sees',
      maxFrameBytes: 100_000,
    };
  }

  /** `bare`: as it comes from the imager; otherwise its libraries are there, and its USB port is a device. */
  static async start(
    options: PiServerOptions & { readonly healthMs?: number; readonly bare?: boolean } = {},
  ): Promise<GadgetsRig> {
    const pi = await FakePi.create();
    const directory = await mkdtemp(join(tmpdir(), 'crosspoint-gadgets-'));
    const rig = new GadgetsRig(pi, await PiServer.start(pi, options), directory);
    if (options.healthMs !== undefined) rig.healthMs = options.healthMs;
    rig.server.onRestart = () => pi.write({ 'sys/class/udc/fe980000.usb/state': 'configured\n' });
    if (options.bare !== true)
      await pi.write({
        'sys/class/udc/fe980000.usb/state': 'configured\n',
        'fake/packages/libpulse0': '17',
        'fake/packages/libasound2t64': '1.2',
      });
    await rig.bring('0.1.0');
    await rig.open();
    return rig;
  }

  /** The box's package in another version. */
  async bring(version: string, architecture = 'arm64'): Promise<void> {
    await writeFile(join(this.directory, `crosspoint-gadget_${version}_${architecture}.deb`), version);
  }

  /** Begin, or begin again, as after a restart of the box. */
  async open(): Promise<void> {
    const note =
      (level: string) =>
      (message: string, fields: object = {}): void =>
        void this.logged.push(`${level} ${message} ${JSON.stringify(fields)}`);
    const log: Logger = {
      debug: note('debug'),
      info: note('info'),
      warn: note('warn'),
      error: note('error'),
      child: () => log,
    };
    this.plane = await createGadgetsPlane({
      log,
      directory: join(this.directory, 'state'),
      packagesDir: this.directory,
      discovery: false,
      agent: undefined,
      healthMs: this.healthMs,
      box: () => this.box,
      links: () => {
        this.#linked ||= this.connects && this.pi.has('etc/crosspoint/gadget.conf');
        return { video: this.#linked, audio: this.#linked && this.box.sound !== null };
      },
    });
    this.plane.apply({ gadgets: [this.gadget] });
  }

  get status(): GadgetManagement {
    return this.plane.status.gadgets[DESK]!;
  }

  /** Resolves when the status fits. */
  until(
    what: string,
    fits: (status: GadgetManagement) => boolean,
    limitMs = 45_000,
  ): Promise<GadgetManagement> {
    return new Promise((resolve, reject) => {
      const done = (end: () => void): void => {
        clearTimeout(timer);
        void listener.dispose();
        end();
      };
      const timer = setTimeout(
        () =>
          done(() => reject(new Error(`not within ${limitMs} ms: ${what}; ${JSON.stringify(this.status)}`))),
        limitMs,
      );
      const look = (): void => {
        const { status } = this;
        if (fits(status)) done(() => resolve(status));
      };
      const listener = this.plane.onStatus(look);
      look();
    });
  }

  /** Do it, and wait until it is through. */
  act(action: GadgetAction, credentials: Credentials = {}): Promise<GadgetManagement> {
    const run = this.plane.act(DESK, action, credentials);
    return this.until(`${action} to end`, (status) => status.run === run && status.finishedAt !== undefined);
  }

  /** How each step ended, by id. */
  get steps(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.status.steps.map(({ id, state }) => [id, state]));
  }

  /** All that the box has written down. */
  async written(): Promise<string> {
    const file = join(this.directory, 'state', 'known-gadgets.json');
    return `${await readFile(file, 'utf8').catch(() => '')}\n${this.logged.join('\n')}\n${JSON.stringify(this.plane.status)}`;
  }

  async dispose(): Promise<void> {
    await this.plane.dispose();
    await this.server.close();
    await this.pi.dispose();
    await rm(this.directory, { recursive: true, force: true });
  }
}
