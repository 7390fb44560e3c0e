import { Emitter } from '../base/emitter.ts';
import { type Logger } from '../base/logger.ts';
import {
  cellKey,
  type DestinationId,
  type Levels,
  type ServiceStatus,
  type SourceId,
} from '../contract/index.ts';
import { type Disposable, toDisposable } from '../base/disposable.ts';
import { type Endpoint, SoundServer } from './daemon/sound-server.ts';
import { GadgetAccess, type ListenOptions } from './gadget-link/gadget-access.ts';
import { Failures } from './executor/failures.ts';
import { Session } from './executor/session.ts';
import { gadgetsIn } from './graph/gadgets.ts';
import { locateMeter } from './graph/meter-points.ts';
import { LISTENER } from './graph/plan.ts';
import { crosspointsIn, devicesIn } from './graph/observe.ts';
import { FeedHub, neededFeeds } from './feeds/feed-hub.ts';
import { presentDevices } from './graph/echo.ts';
import { MeterHub } from './meters.ts';
import { type AudioDesired, type AudioFeeds, type AudioPlane, type AudioStatus } from './plane.ts';
import { type Environment, formatAddress, type PulseClient } from './pulse/index.ts';

export interface AudioPlaneOptions {
  readonly log: Logger;
  /** `auto`: the user's own sound server, or a private one when there is none; otherwise an address as in PULSE_SERVER. */
  readonly server: string;
  /** A folder of ours (it is made) for the private sound server. */
  readonly runtimeDir: string;
  /** Where PULSE_SERVER, XDG_RUNTIME_DIR, PULSE_COOKIE, HOME and PATH come from. Default: the process's. */
  readonly env?: Environment;
  /** The program of our own mixer; it need not be there. */
  readonly mixerProgram: string;
  /** Sound that is not the sound server's: that of ingests. */
  readonly feeds: AudioFeeds;
  /** Where gadgets reach the sound server; without it they do not. */
  readonly listen?: ListenOptions | undefined;
  /** A muted crosspoint stays loaded so long, to be back at once. Default one minute. */
  readonly keepSilentMs?: number;
  /** How often to look for the user's own server while a private one stands in. Default 3 s. */
  readonly lookForUserMs?: number;
}

export interface StartableAudioPlane extends AudioPlane {
  /** Goes to work. Resolves when it is settled whether there is a sound server; never rejects. */
  start(): Promise<void>;
  /** One more connection to the mixer's server, e.g. for the demo rig. @throws CrosspointError `unavailable` */
  connect(): Promise<PulseClient>;
  /** What a gadget needs to reach the sound server; null when it is not to be reached. The cookie is a secret. */
  gadgetAccess(): { readonly address: string; readonly cookie: Uint8Array } | null;
}

/**
 * The mixer: makes the sound server be as `apply` says, whatever breaks.
 * @throws CrosspointError for a server address that is none
 */
export function createAudioPlane(options: AudioPlaneOptions): StartableAudioPlane {
  return new PulseAudioPlane(options);
}

/** What mixes, and one more thing to say, where all is well otherwise. */
function withMixer(status: ServiceStatus, session: Session | null): ServiceStatus {
  if (!session || status.state !== 'ready') return status;
  const { mixer, mixerTrouble } = session;
  const reason = [status.reason, mixerTrouble].filter(Boolean).join(' ');
  return { ...status, ...(mixer === null ? {} : { mixer }), ...(reason === '' ? {} : { reason }) };
}

/** While there is no sound server. */
const NOTHING = { devices: null, crosspoints: {}, gadgets: {}, echo: {}, ducking: false } as const;

class PulseAudioPlane implements StartableAudioPlane {
  readonly #log: Logger;
  readonly #server: SoundServer;
  readonly #access: GadgetAccess | null;
  readonly #options: AudioPlaneOptions;
  readonly #failures = new Failures();
  readonly #changed = new Emitter<AudioStatus>();
  readonly #meters: MeterHub;
  readonly #feeds: FeedHub;
  #desired: AudioDesired | null = null;
  #session: Session | null = null;
  #status: AudioStatus = { sound: { state: 'starting' }, ...NOTHING };
  #disposed = false;

  readonly onStatus = this.#changed.event;

  constructor(options: AudioPlaneOptions) {
    this.#log = options.log;
    this.#options = options;
    this.#server = new SoundServer(
      {
        ...options,
        env: options.env ?? process.env,
        untilQuiet: (signal) => this.#session?.untilQuiet(signal) ?? Promise.resolve(),
      },
      (client, endpoint) => this.#serve(client, endpoint),
    );
    this.#server.onStatus(() => this.#publish());
    this.#access = options.listen
      ? new GadgetAccess({ ...options, listen: options.listen, upstream: () => this.#server.endpoint })
      : null;
    this.#feeds = new FeedHub(options.feeds, options.log.child('feeds'));
    this.#meters = new MeterHub(
      (id) => {
        const snapshot = this.#session?.snapshot;
        return snapshot && this.#desired ? locateMeter(id, this.#desired, snapshot) : null;
      },
      (needed) => this.#session?.tellPeaks(needed),
    );
  }

  get status(): AudioStatus {
    return this.#status;
  }

  async start(): Promise<void> {
    await this.#access?.prepare();
    this.#server.start();
    await new Promise<void>((resolve) => {
      const settled = ({ sound, devices }: AudioStatus): boolean =>
        sound.state === 'failed' || (sound.state === 'ready' && devices !== null);
      if (settled(this.#status)) {
        resolve();
        return;
      }
      const listener = this.onStatus((status) => {
        if (!settled(status) && !this.#disposed) return;
        void listener.dispose();
        resolve();
      });
    });
  }

  connect(): Promise<PulseClient> {
    return this.#server.connect();
  }

  apply(desired: AudioDesired): void {
    this.#desired = desired;
    this.#session?.apply();
    this.#playFeeds();
  }

  #playFeeds(): void {
    const snapshot = this.#session?.snapshot;
    if (this.#desired && snapshot)
      this.#feeds.play(neededFeeds(this.#desired, this.#meters.watched), presentDevices(snapshot).sinks);
  }

  async resetLatency(
    crosspoints: readonly { readonly source: SourceId; readonly destination: DestinationId }[],
  ): Promise<void> {
    await this.#session?.resetLatency(
      new Set(crosspoints.map(({ source, destination }) => cellKey(source, destination))),
    );
  }

  gadgetAccess(): { readonly address: string; readonly cookie: Uint8Array } | null {
    const cookie = this.#access?.cookie;
    return this.#access && cookie ? { address: this.#access.address, cookie } : null;
  }

  meter(ids: readonly (SourceId | DestinationId)[], onLevels: (levels: Levels) => void): Disposable {
    const watch = this.#meters.watch(ids, onLevels);
    this.#playFeeds();
    return toDisposable(async () => {
      await watch.dispose();
      this.#playFeeds();
    });
  }

  async #serve(client: PulseClient, { cookie }: Endpoint): Promise<void> {
    const { keepSilentMs, mixerProgram, runtimeDir, env = process.env } = this.#options;
    this.#failures.clear();
    const session = new Session({
      client,
      desired: () => this.#desired,
      listener: (flavour) => this.#access?.wiring(flavour) ?? null,
      onLoaded: (flavour) => void this.#access?.onServer(flavour).then(() => this.#publish()),
      keepSilentMs,
      onPeaks: (tap, peaks) => this.#meters.hearTap(tap, peaks),
      mixer: { program: mixerProgram, runtimeDir, server: formatAddress(client.address), cookie, env },
      failures: this.#failures,
      log: this.#log,
      onObserved: () => {
        this.#publish();
        this.#meters.refresh();
        this.#playFeeds();
      },
    });
    this.#session = session;
    this.#meters.setClient(client);
    this.#feeds.setClient(client);
    try {
      await session.run();
    } finally {
      session.dispose();
      if (this.#session === session) this.#session = null;
      this.#meters.setClient(null);
      this.#feeds.setClient(null);
      this.#publish();
    }
  }

  #publish(): void {
    const next = this.#observe();
    if (JSON.stringify(next) === JSON.stringify(this.#status)) return;
    this.#status = next;
    this.#changed.fire(next);
  }

  #observe(): AudioStatus {
    const session = this.#session;
    const sound = withMixer(this.#server.status, session);
    const snapshot = session?.snapshot ?? null;
    const wanted = session?.wanted ?? null;
    const listening = this.#access
      ? { listening: this.#access.status(this.#failures.reasons.get(LISTENER)) }
      : {};
    if (!snapshot || sound.state !== 'ready') return { sound, ...NOTHING, ...listening };
    return {
      sound,
      ...listening,
      devices: devicesIn(snapshot),
      crosspoints: session && wanted ? crosspointsIn(wanted, snapshot, session.crosspointContext()) : {},
      gadgets: this.#desired ? gadgetsIn(this.#desired, snapshot, session?.empties ?? new Map()) : {},
      echo: session && wanted ? session.echo(wanted) : {},
      ducking: session?.ducking ?? false,
    };
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#meters.dispose();
    await this.#feeds.dispose();
    try {
      await this.#session?.removeAll();
    } catch (error) {
      this.#log.warn('the sound server kept something of ours', { error: String(error) });
    }
    await this.#access?.dispose();
    await this.#server.dispose();
    this.#status = this.#observe();
    this.#changed.fire(this.#status);
    this.#changed.dispose();
  }
}
