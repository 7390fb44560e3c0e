import { type Disposable } from '../base/disposable.ts';
import { type Logger } from '../base/logger.ts';
import { Backoff, isAborted } from '../base/time.ts';
import {
  CrosspointError,
  type GadgetAction,
  type GadgetHealth,
  type GadgetManagement,
  type ManagementStep,
  messageOf,
} from '../contract/index.ts';
import { type BoxKey, privateKeyIn } from './box-key.ts';
import { HEALTH, parseHealth } from './health.ts';
import { type KnownGadgets } from './known-gadgets.ts';
import { type PackageShelf } from './package-shelf.ts';
import { type BoxFacts, type Credentials, type GadgetDesired, type GadgetLinks } from './plane.ts';
import { ACTIONS } from './provisioning/actions.ts';
import { Pi } from './provisioning/pi.ts';
import { runSteps } from './provisioning/run-steps.ts';
import {
  ChangedHostKey,
  fingerprintOf,
  type HostKey,
  isAbsence,
  type Login,
  SshError,
  SshSession,
} from './ssh/index.ts';

export interface ManagedGadgetOptions {
  readonly log: Logger;
  readonly known: KnownGadgets;
  readonly shelf: PackageShelf;
  readonly boxKey: () => Promise<BoxKey>;
  readonly box: () => BoxFacts;
  readonly links: () => GadgetLinks;
  readonly resolve: (host: string) => Promise<readonly string[]>;
  /** Socket of the box's SSH agent, for first contacts. */
  readonly agent: string | undefined;
  /** How often a gadget is asked how it is. */
  readonly healthMs: number;
  readonly onChange: () => void;
}

type Trouble = Pick<GadgetManagement, 'reason' | 'hint'>;

const troubleOf = (error: unknown): Trouble => ({
  reason: messageOf(error),
  ...(error instanceof CrosspointError && error.hint !== undefined ? { hint: error.hint } : {}),
});

/** A failure of these leaves the gadget as it was. */
const ERRANDS: ReadonlySet<GadgetAction> = new Set(['identify', 'rollback']);

const failedStep = (id: string, title: string, error: unknown): ManagementStep => {
  const { reason, hint } = troubleOf(error);
  return {
    id,
    title,
    state: 'failed',
    ...(reason === undefined ? {} : { detail: reason }),
    ...(hint === undefined ? {} : { hint }),
  };
};

/** Slower and slower while it is away, up to this. */
const AWAY_MS = 300_000;
const HEALTH_DEADLINE_MS = 20_000;

/** One gadget that the box looks after over SSH: what is done to it, and how it is. */
export class ManagedGadget implements Disposable {
  readonly #options: ManagedGadgetOptions;
  readonly #life = new AbortController();
  readonly #backoff: Backoff;
  #desired: GadgetDesired;
  #run = 0;
  #action: GadgetAction | undefined;
  #working: Promise<void> | undefined;
  #steps: readonly ManagementStep[] = [];
  #startedAt: number | undefined;
  #finishedAt: number | undefined;
  #condition: 'unknown' | 'ready' | 'unreachable' | 'failed' = 'unknown';
  #trouble: Trouble = {};
  #offered: HostKey | undefined;
  #available: string | undefined;
  #version: string | undefined;
  #previous: string | undefined;
  #health: GadgetHealth | undefined;
  #session: SshSession | undefined;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;

  constructor(desired: GadgetDesired, options: ManagedGadgetOptions) {
    this.#desired = desired;
    this.#options = options;
    this.#backoff = new Backoff({ firstMs: options.healthMs, maxMs: AWAY_MS, resetMs: options.healthMs });
    this.#schedule(0);
  }

  apply(desired: GadgetDesired): void {
    const { host, port, user } = this.#desired;
    this.#desired = desired;
    if (desired.host === host && desired.port === port && desired.user === user) return;
    this.#dropSession();
    this.#condition = 'unknown';
    this.#trouble = {};
    this.#health = undefined;
    this.#schedule(0);
  }

  get status(): GadgetManagement {
    const known = this.#options.known.get(this.#desired.id);
    const optional = {
      action: this.#action,
      startedAt: this.#startedAt,
      finishedAt: this.#finishedAt,
      fingerprint: known && fingerprintOf(known.hostKey),
      offeredFingerprint: this.#offered && fingerprintOf(this.#offered),
      version: this.#version,
      available: this.#available,
      previous: this.#previous,
      health: this.#health,
    };
    return {
      state: this.#state(known?.managed ?? false),
      run: this.#run,
      steps: [...this.#steps],
      ...(this.#working ? {} : this.#trouble),
      ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
    };
  }

  #state(managed: boolean): GadgetManagement['state'] {
    if (this.#working) return 'working';
    if (this.#offered) return 'untrusted';
    if (!managed && this.#condition === 'unknown') return 'new';
    return this.#condition;
  }

  /** See GadgetsPlane.act. */
  act(action: GadgetAction, credentials: Credentials): number {
    if (this.#working)
      throw new CrosspointError('in-use', `Something is being done to ${this.#desired.label} just now.`, {
        hint: 'Wait until it is through.',
      });
    if (this.#offered && action !== 'check')
      throw new CrosspointError('untrusted', this.#trouble.reason ?? 'Its host key has changed.', {
        hint: this.#trouble.hint ?? '',
      });
    const run = ++this.#run;
    this.#action = action;
    this.#steps = [];
    this.#startedAt = Date.now();
    this.#finishedAt = undefined;
    this.#working = this.#perform(action, credentials).finally(() => {
      this.#working = undefined;
      this.#finishedAt = Date.now();
      this.#changed();
    });
    this.#changed();
    return run;
  }

  async trust(fingerprint: string | undefined): Promise<void> {
    const offered = this.#offered;
    if (!offered)
      throw new CrosspointError('not-found', `${this.#desired.label} shows no other host key than before.`);
    if (fingerprint !== undefined && fingerprint !== fingerprintOf(offered))
      throw new CrosspointError('bad-request', `It shows ${fingerprintOf(offered)}, not ${fingerprint}.`, {
        path: 'fingerprint',
        hint: 'Compare it once more with what the Pi itself shows: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub',
      });
    // Another system may be behind it: whether it knows the box's key is to be seen.
    await this.#options.known.set(this.#desired.id, { hostKey: offered, managed: false });
    this.#offered = undefined;
    this.#condition = 'unknown';
    this.#trouble = {};
    this.#health = undefined;
    this.#changed();
    await this.#look();
  }

  /** Opens a connection of its own with the box's key. @throws SshError, CrosspointError */
  async connect(signal?: AbortSignal): Promise<SshSession> {
    const { privateKey } = await this.#options.boxKey();
    return this.#connect([{ kind: 'key', privateKey }], signal ?? this.#life.signal);
  }

  async dispose(): Promise<void> {
    this.#life.abort(new CrosspointError('unavailable', 'Crosspoint is stopping.'));
    clearTimeout(this.#timer);
    this.#dropSession();
    await Promise.allSettled([this.#working, this.#looking]);
    this.#dropSession();
  }

  async #connect(logins: readonly Login[], signal: AbortSignal): Promise<SshSession> {
    const { id, host, port, user } = this.#desired;
    const { known, resolve } = this.#options;
    if (host === null)
      throw new CrosspointError('bad-request', `${this.#desired.label} has no address for SSH.`);
    const before = known.get(id);
    try {
      const session = await SshSession.connect({
        host,
        port,
        user,
        logins,
        pinned: before?.hostKey,
        resolve,
        signal,
      });
      if (!before) await known.set(id, { hostKey: session.hostKey, managed: false });
      this.#offered = undefined;
      return session;
    } catch (error) {
      if (error instanceof ChangedHostKey) {
        this.#offered = error.offered;
        this.#dropSession();
        this.#options.log.error('the host key of a gadget has changed', {
          gadget: id,
          pinned: before && fingerprintOf(before.hostKey),
          offered: fingerprintOf(error.offered),
        });
      }
      throw error;
    }
  }

  async #perform(action: GadgetAction, credentials: Credentials): Promise<void> {
    await this.#looking?.catch(() => undefined);
    const session = this.#session;
    this.#session = undefined;
    const gadget = this.#desired;
    const before = { condition: this.#condition, trouble: this.#trouble };
    const { log, known } = this.#options;
    let pi: Pi | undefined;
    let { healthMs: afterMs } = this.#options;
    try {
      const boxKey = await this.#options.boxKey();
      const logins = await this.#loginsFor(boxKey, credentials);
      pi = new Pi({
        connect: (signal) => this.#connect(logins, signal),
        password: credentials.password,
        session,
        signal: this.#life.signal,
      });
      await runSteps(
        ACTIONS[action],
        {
          pi,
          gadget,
          box: this.#options.box(),
          boxKey,
          shelf: this.#options.shelf,
          links: this.#options.links,
          loginByBoxKey: () => this.connect(),
          onManaged: async () => {
            const entry = known.get(gadget.id);
            if (entry && !entry.managed) await known.set(gadget.id, { ...entry, managed: true });
          },
        },
        (steps) => {
          this.#steps = steps;
          this.#changed();
        },
      );
      this.#condition = 'ready';
      this.#trouble = {};
      log.info('gadget action done', { gadget: gadget.id, action });
      if (action === 'uninstall') {
        await known.set(gadget.id, undefined);
        this.#condition = 'unknown';
        this.#health = this.#version = this.#previous = undefined;
      } else if (known.get(gadget.id)?.managed === true) {
        if (action !== 'check') await this.#noteVersions(pi);
        this.#session = pi.release();
        if (action === 'check') await this.#askHealth();
        else afterMs = 0;
      }
    } catch (error) {
      if (this.#life.signal.aborted) return;
      this.#trouble = troubleOf(error);
      // What went wrong before the first step.
      if (this.#steps.length === 0) this.#steps = [failedStep('login', 'Prepare the login', error)];
      this.#condition = isAbsence(error) && action !== 'provision' ? 'unreachable' : 'failed';
      // What an errand could not do says nothing about the gadget.
      if (ERRANDS.has(action) && this.#condition === 'failed') {
        this.#condition = before.condition;
        this.#trouble = before.trouble;
      }
      log.warn('gadget action failed', { gadget: gadget.id, action, reason: messageOf(error) });
    } finally {
      pi?.dispose();
      this.#schedule(afterMs);
    }
  }

  async #noteVersions(pi: Pi): Promise<void> {
    const { installed, previous, architecture } = await pi.facts();
    this.#version = installed === '' ? undefined : installed;
    this.#previous = previous === '' ? undefined : previous;
    this.#available = (await this.#options.shelf.find(architecture))?.version;
  }

  async #loginsFor({ privateKey }: BoxKey, { key, password }: Credentials): Promise<Login[]> {
    const { agent } = this.#options;
    const given: Login[] = [];
    if (key !== undefined) given.push({ kind: 'key', privateKey: await privateKeyIn(key) });
    if (password !== undefined) given.push({ kind: 'password', password });
    // A server lets one try a few keys only: the agent's come when nothing else was given.
    if (given.length === 0 && agent !== undefined) given.push({ kind: 'agent', socket: agent });
    return [{ kind: 'key', privateKey }, ...given];
  }

  /** Look at it now, or after the look that is under way. */
  #look(): Promise<void> {
    this.#looking ??= this.#lookOnce().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #lookOnce(): Promise<void> {
    const managed = this.#options.known.get(this.#desired.id)?.managed === true;
    if (this.#working || this.#offered || !managed || this.#life.signal.aborted) return;
    try {
      await this.#askHealth();
      // What went wrong with an action stays until another goes right.
      if (this.#condition !== 'failed') {
        this.#condition = 'ready';
        this.#trouble = {};
      }
      this.#backoff.reset();
      this.#schedule(this.#options.healthMs);
    } catch (error) {
      if (isAborted(this.#life.signal)) return;
      this.#dropSession();
      const login = error instanceof SshError && error.failure === 'login';
      if (this.#condition !== 'failed' || login) {
        this.#condition = login ? 'failed' : 'unreachable';
        this.#trouble = troubleOf(error);
      }
      this.#schedule(this.#backoff.next());
    }
    this.#changed();
  }

  async #askHealth(): Promise<void> {
    if (this.#session?.open !== true) this.#session = await this.connect();
    const before = Date.now();
    const { stdout } = await this.#session.exec(
      `PATH="$PATH:/usr/sbin:/sbin" LC_ALL=C; export PATH LC_ALL\n${HEALTH}`,
      { deadlineMs: HEALTH_DEADLINE_MS, signal: this.#life.signal },
    );
    // The clock is the first thing that the Pi looks at.
    const { health, previous } = parseHealth(
      stdout,
      before + Math.min(50, (Date.now() - before) / 2),
      this.#options.links(),
    );
    this.#health = health;
    this.#version = health.version;
    this.#previous = previous;
    if (health.architecture !== undefined)
      this.#available = (await this.#options.shelf.find(health.architecture))?.version;
  }

  #schedule(ms: number): void {
    clearTimeout(this.#timer);
    if (this.#life.signal.aborted) return;
    this.#timer = setTimeout(() => void this.#look(), ms);
    this.#timer.unref();
  }

  #dropSession(): void {
    this.#session?.dispose();
    this.#session = undefined;
  }

  #changed(): void {
    if (!this.#life.signal.aborted) this.#options.onChange();
  }
}
