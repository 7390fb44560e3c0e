import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { type EventEmitter } from 'node:events';
import { Bonjour, type Service } from 'bonjour-service';
import { type Disposable } from '../base/disposable.ts';
import { type Logger } from '../base/logger.ts';
import { type FoundGadget, messageOf } from '../contract/index.ts';

export interface DiscoveryOptions {
  /** Send from this address only, e.g. 127.0.0.1; default: every network. */
  readonly interface?: string;
  /** Default 5353, mDNS's. */
  readonly port?: number;
  /** How often to ask again. Default one minute. */
  readonly everyMs?: number;
}

/** What a freshly flashed Raspberry Pi is called unless somebody gives it a name. */
const USUAL_HOST = 'raspberrypi.local';
const TYPES = ['crosspoint-gadget', 'ssh'] as const;
const LOOKS_LIKE_A_PI = /raspberry|^(rpi|raspi|pi)[-\d]/i;
/** A network with more is not a place for a list. */
const LIMIT = 64;

interface Answer {
  readonly name: string;
  readonly type: string;
  readonly data: unknown;
}

/** What is inside of the library: its socket, for a question of our own, and for its errors. */
interface Insides {
  readonly server: { readonly mdns: EventEmitter & { query(name: string, type: string): void } };
}

/** Finds gadgets, and Raspberry Pis that could become some, in the local network (mDNS). */
export class Discovery implements Disposable {
  readonly #bonjour: Bonjour | undefined;
  readonly #found = new Map<string, FoundGadget>();
  readonly #onChange: () => void;
  readonly #timer: NodeJS.Timeout | undefined;

  constructor(options: DiscoveryOptions, log: Logger, onChange: () => void) {
    this.#onChange = onChange;
    const fail = (error: unknown): void =>
      log.warn('gadgets in the network cannot be found', { error: messageOf(error) });
    try {
      const { interface: from, port } = options;
      const settings = {
        ...(from === undefined ? {} : { interface: from, bind: '0.0.0.0' }),
        ...(port === undefined ? {} : { port }),
      };
      const bonjour = new Bonjour(settings, fail);
      this.#bonjour = bonjour;
      const { mdns } = (bonjour as unknown as Insides).server;
      mdns.on('error', fail);
      mdns.on('warning', (error) => log.debug('mDNS', { error: messageOf(error) }));
      mdns.on('response', ({ answers, additionals }: { answers?: Answer[]; additionals?: Answer[] }) =>
        this.#onAnswers([...(answers ?? []), ...(additionals ?? [])]),
      );
      const browsers = TYPES.map((type) => {
        const browser = bonjour.find({ type });
        browser.on('up', (service) => this.#onService(service));
        browser.on('txt-update', (service) => this.#onService(service));
        browser.on('srv-update', (service) => this.#onService(service));
        browser.on('down', ({ host }) => this.#remove(host));
        return browser;
      });
      const ask = (): void => {
        for (const browser of browsers) {
          browser.update();
          browser.expire();
        }
        mdns.query(USUAL_HOST, 'A');
      };
      ask();
      this.#timer = setInterval(ask, options.everyMs ?? 60_000);
      this.#timer.unref();
    } catch (error) {
      fail(error);
    }
  }

  /** Addresses of a host: what it said itself in this network, else what the system knows. IPv4 first. */
  static async resolve(host: string, discovery: Discovery | undefined): Promise<readonly string[]> {
    if (isIP(host)) return [host];
    const said = discovery?.found.find((found) => found.host.toLowerCase() === host.toLowerCase());
    if (said && said.addresses.length > 0) return said.addresses;
    const found = await lookup(host, { all: true });
    return found.sort((a, b) => a.family - b.family).map(({ address }) => address);
  }

  /** By name. */
  get found(): readonly FoundGadget[] {
    return [...this.#found.values()].sort((a, b) => a.host.localeCompare(b.host, 'en'));
  }

  dispose(): Promise<void> {
    clearInterval(this.#timer);
    return new Promise((resolve) => {
      if (this.#bonjour) this.#bonjour.destroy(() => resolve());
      else resolve();
    });
  }

  #onService({ type, name, host, port, addresses, txt }: Service): void {
    const isGadget = type === 'crosspoint-gadget';
    if (!isGadget && !LOOKS_LIKE_A_PI.test(host) && !LOOKS_LIKE_A_PI.test(name)) return;
    const version: unknown = (txt as Record<string, unknown> | undefined)?.version;
    this.#add({
      host: clean(host),
      name: clean(isGadget ? name : host.replace(/\.local\.?$/i, '')),
      addresses: ordered(addresses ?? []),
      port,
      kind: isGadget ? 'gadget' : 'pi',
      ...(typeof version === 'string' && version !== '' ? { version: clean(version).slice(0, 40) } : {}),
    });
  }

  #onAnswers(answers: readonly Answer[]): void {
    const addresses = answers.flatMap(({ name, type, data }) =>
      type === 'A' && name.toLowerCase() === USUAL_HOST && typeof data === 'string' ? [data] : [],
    );
    if (addresses.length === 0) return;
    this.#add({ host: USUAL_HOST, name: 'raspberrypi', addresses: ordered(addresses), port: 22, kind: 'pi' });
  }

  #add(found: FoundGadget): void {
    const before = this.#found.get(found.host);
    // What says that it is a gadget is one, whatever else it offers.
    if (before?.kind === 'gadget' && found.kind === 'pi') return;
    if (!before && this.#found.size >= LIMIT) return;
    if (JSON.stringify(before) === JSON.stringify(found)) return;
    this.#found.set(found.host, found);
    this.#onChange();
  }

  #remove(host: string): void {
    if (this.#found.delete(clean(host))) this.#onChange();
  }
}

/** Names come from the network: one line, no control characters, not endless. */
const clean = (name: string): string =>
  name
    .replace(/\p{Cc}/gu, '')
    .replace(/\.$/, '')
    .slice(0, 253);

const ordered = (addresses: readonly string[]): string[] =>
  [...new Set(addresses)]
    .filter((address) => isIP(address) !== 0 && !/^fe80:/i.test(address))
    .sort((a, b) => isIP(a) - isIP(b) || a.localeCompare(b, 'en'))
    .slice(0, 8);
