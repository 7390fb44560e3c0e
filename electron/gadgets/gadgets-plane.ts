import { join } from 'node:path';
import { type Disposable, DisposableStore, toDisposable } from '../base/disposable.ts';
import { Emitter } from '../base/emitter.ts';
import { type Logger } from '../base/logger.ts';
import {
  CrosspointError,
  type FoundGadget,
  type GadgetAction,
  type GadgetId,
  messageOf,
} from '../contract/index.ts';
import { type BoxKey, boxKeyIn } from './box-key.ts';
import { Discovery, type DiscoveryOptions } from './discovery.ts';
import { followLog } from './follow-log.ts';
import { KnownGadgets } from './known-gadgets.ts';
import { ManagedGadget } from './managed-gadget.ts';
import { PackageShelf } from './package-shelf.ts';
import {
  type BoxFacts,
  type Credentials,
  type GadgetDesired,
  type GadgetLinks,
  type GadgetsDesired,
  type GadgetsPlane,
  type GadgetsStatus,
} from './plane.ts';

export interface GadgetsPlaneOptions {
  readonly log: Logger;
  /** A folder of ours for the box's key and the pinned host keys. */
  readonly directory: string;
  /** Folder with the Debian packages of the gadget's programs. */
  readonly packagesDir: string;
  readonly box: () => BoxFacts;
  readonly links: (id: GadgetId) => GadgetLinks;
  /** Look for gadgets in the network; false: do not. */
  readonly discovery: DiscoveryOptions | false;
  /** Socket of an SSH agent; default that of the environment. */
  readonly agent?: string | undefined;
  /** Default half a minute. */
  readonly healthMs?: number;
}

/** @throws CrosspointError `state-broken` when the pinned host keys cannot be read */
export async function createGadgetsPlane(options: GadgetsPlaneOptions): Promise<GadgetsPlane> {
  const known = await KnownGadgets.open(join(options.directory, 'known-gadgets.json'), options.log);
  return new SshGadgetsPlane(options, known);
}

class SshGadgetsPlane implements GadgetsPlane {
  readonly #options: GadgetsPlaneOptions;
  readonly #known: KnownGadgets;
  readonly #shelf: PackageShelf;
  readonly #changed = new Emitter<GadgetsStatus>();
  readonly #managed = new Map<GadgetId, ManagedGadget>();
  readonly #parts = new DisposableStore();
  readonly #discovery: Discovery | undefined;
  #desired: readonly GadgetDesired[] = [];
  #status: GadgetsStatus = { gadgets: {}, found: [] };
  #boxKey: Promise<BoxKey> | undefined;
  #disposed = false;

  readonly onStatus = this.#changed.event;

  constructor(options: GadgetsPlaneOptions, known: KnownGadgets) {
    this.#options = options;
    this.#known = known;
    this.#shelf = new PackageShelf(options.packagesDir);
    if (options.discovery !== false)
      this.#discovery = this.#parts.add(
        new Discovery(options.discovery, options.log.child('discovery'), () => this.#publish()),
      );
  }

  get status(): GadgetsStatus {
    return this.#status;
  }

  apply({ gadgets }: GadgetsDesired): void {
    if (this.#disposed || JSON.stringify(gadgets) === JSON.stringify(this.#desired)) return;
    this.#desired = gadgets;
    const wanted = new Map(gadgets.flatMap((gadget) => (gadget.host === null ? [] : [[gadget.id, gadget]])));
    for (const [id, managed] of this.#managed) {
      if (wanted.has(id)) continue;
      void managed.dispose();
      this.#managed.delete(id);
      // Who adds it again begins anew, with a first contact.
      if (!gadgets.some((gadget) => gadget.id === id))
        void this.#known.set(id, undefined).catch(() => undefined);
    }
    for (const [id, gadget] of wanted) {
      const managed = this.#managed.get(id);
      if (managed) managed.apply(gadget);
      else this.#managed.set(id, this.#manage(gadget));
    }
    this.#publish();
  }

  act(id: GadgetId, action: GadgetAction, credentials: Credentials = {}): number {
    return this.#find(id).act(action, credentials);
  }

  trust(id: GadgetId, fingerprint?: string): Promise<void> {
    return this.#find(id).trust(fingerprint);
  }

  followLog(
    id: GadgetId,
    onLines: (lines: readonly string[]) => void,
    onEnd: (reason: string) => void,
  ): Disposable {
    const managed = this.#find(id);
    const end = new AbortController();
    followLog((signal) => managed.connect(signal), end.signal, onLines)
      .then(() => 'The Pi has ended it.', messageOf)
      .then((reason) => {
        if (!end.signal.aborted) onEnd(reason);
      })
      .catch(() => undefined);
    return toDisposable(() => end.abort(new CrosspointError('unavailable', 'Nobody reads it any more.')));
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    await this.#parts.dispose();
    await Promise.all([...this.#managed.values()].map((managed) => managed.dispose()));
    this.#changed.dispose();
  }

  #manage(gadget: GadgetDesired): ManagedGadget {
    const { log, box, links, healthMs = 30_000 } = this.#options;
    return new ManagedGadget(gadget, {
      log: log.child(gadget.id),
      known: this.#known,
      shelf: this.#shelf,
      boxKey: () => this.#readBoxKey(),
      box,
      links: () => links(gadget.id),
      resolve: (host) => Discovery.resolve(host, this.#discovery),
      agent: 'agent' in this.#options ? this.#options.agent : process.env.SSH_AUTH_SOCK,
      healthMs,
      onChange: () => this.#publish(),
    });
  }

  /** Made when it is needed for the first time. */
  #readBoxKey(): Promise<BoxKey> {
    this.#boxKey ??= boxKeyIn(this.#options.directory).catch((error: unknown) => {
      this.#boxKey = undefined;
      throw error;
    });
    return this.#boxKey;
  }

  #find(id: GadgetId): ManagedGadget {
    const managed = this.#managed.get(id);
    if (managed) return managed;
    const gadget = this.#desired.find((candidate) => candidate.id === id);
    throw gadget
      ? new CrosspointError('bad-request', `${gadget.label} (${id}) has no address for SSH.`, {
          path: 'id',
          hint: 'Give it one: gadget.update {"id", "host"}.',
        })
      : new CrosspointError('unknown-id', `There is no gadget "${id}".`, { path: 'id' });
  }

  #publish(): void {
    if (this.#disposed) return;
    const hosts = new Set(this.#desired.map(({ host }) => host?.toLowerCase()));
    const isOurs = ({ host, addresses }: FoundGadget): boolean =>
      [host, ...addresses].some((name) => hosts.has(name.toLowerCase()));
    this.#status = {
      gadgets: Object.fromEntries([...this.#managed].map(([id, managed]) => [id, managed.status])),
      found: (this.#discovery?.found ?? []).filter((found) => !isOurs(found)),
    };
    this.#changed.fire(this.#status);
  }
}
