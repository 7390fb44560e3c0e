import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { type BlockList } from 'node:net';
import { allowList, isAllowed } from '../../base/allow-list.ts';
import { type Disposable } from '../../base/disposable.ts';
import { type Logger } from '../../base/logger.ts';
import { type CommandInput, CrosspointError, messageOf, parseCommand } from '../../contract/index.ts';
import { type EnginePort } from '../../engine/port.ts';
import { isLoopback } from '../guard.ts';
import { feedbackOf } from './feedback.ts';
import { addressSpace, findMethod, isOn, type Method, type Names, ROOT } from './methods.ts';
import { encodeMessage, OscError, type OscMessage, type OscValue, parsePacket } from './packet.ts';
import { isPattern, matcher } from './pattern.ts';
import { Surface } from './surface.ts';

export interface OscOptions {
  readonly engine: EnginePort;
  readonly log: Logger;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Addresses and networks that may send beyond loopback: OSC has no other protection. */
  readonly allow: readonly string[];
  readonly version: string;
  /** How long a subscription lasts, in milliseconds; default 60 s. */
  readonly subscriptionMs?: number;
}

export interface Osc extends Disposable {
  /** `127.0.0.1:7780` */
  readonly address: string;
}

const SUBSCRIPTION_MS = 60_000;
const MAX_SURFACES = 16;
/** What a pattern may carry out. */
const MAX_MATCHES = 1000;
/** What waits to be carried out; a fader's next position takes the place of its last one. */
const MAX_WAITING = 1000;
/** Reports come in bursts: one look at the state for each. */
const GATHER_MS = 30;
/** Between the packets of one that is told much. */
const PACE_MS = 10;
const SWEEP_MS = 1000;
const ERROR_PAUSE_MS = 100;

interface Task {
  readonly method: Method;
  readonly names: Names;
  readonly args: readonly OscValue[];
  readonly address: string;
  readonly from: string;
}

/**
 * Control surfaces by OSC over UDP: what they send becomes commands, what changes goes to those that subscribed.
 * @throws CrosspointError `bad-request` beyond loopback without an allow list, or for a bad one; `port-in-use`
 */
export async function createOsc(options: OscOptions): Promise<Osc> {
  const { host, port, allow } = options;
  if (!isLoopback(host) && allow.length === 0)
    throw new CrosspointError(
      'bad-request',
      `OSC on ${host} needs to know who may send: it has no passwords.`,
      { hint: 'Add --osc-allow with addresses or networks, such as 192.168.1.0/24.' },
    );
  const allowed = allowList(isLoopback(host) ? [] : [...allow, '127.0.0.0/8', '::1']);
  const bare = host.replace(/^\[|\]$/g, '');
  const socket = createSocket({ type: bare.includes(':') ? 'udp6' : 'udp4' });
  try {
    const listening = once(socket, 'listening');
    socket.bind({ address: bare, port, exclusive: true });
    await listening;
  } catch (error) {
    socket.close();
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new CrosspointError('port-in-use', `UDP port ${port} of ${host} is already in use.`, {
      hint: 'Choose another one with --osc.',
      cause: error,
    });
  }
  return new OscServer(socket, allowed, options);
}

class OscServer implements Osc {
  readonly address: string;
  readonly #socket: Socket;
  readonly #allowed: BlockList | null;
  readonly #engine: EnginePort;
  readonly #log: Logger;
  readonly #version: string;
  readonly #subscriptionMs: number;
  readonly #surfaces = new Map<
    string,
    { readonly surface: Surface; readonly host: string; readonly port: number }
  >();
  /** Keys that a host holds (talk, cough): let go when its subscription ends. */
  readonly #held = new Map<string, Map<string, CommandInput>>();
  readonly #waiting = new Map<string, Task>();
  readonly #events: Disposable;
  readonly #sweep: NodeJS.Timeout;
  #gather: NodeJS.Timeout | undefined;
  #pace: NodeJS.Timeout | undefined;
  #working = false;
  #lastErrorMs = 0;
  #disposed = false;

  constructor(socket: Socket, allowed: BlockList | null, options: OscOptions) {
    const { address, port, family } = socket.address();
    this.address = family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`;
    this.#socket = socket;
    this.#allowed = allowed;
    this.#engine = options.engine;
    this.#log = options.log;
    this.#version = options.version;
    this.#subscriptionMs = options.subscriptionMs ?? SUBSCRIPTION_MS;
    socket.on('message', (data, from) => this.#receive(data, from));
    socket.on('error', (error) => this.#log.warn('OSC', { error: error.message }));
    this.#events = this.#engine.onEvent(({ type }) => {
      if (type === 'patch') this.#scheduleFeedback();
    });
    this.#sweep = setInterval(() => this.#expire(), Math.min(SWEEP_MS, this.#subscriptionMs));
    this.#sweep.unref();
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    clearInterval(this.#sweep);
    clearTimeout(this.#gather);
    clearTimeout(this.#pace);
    void this.#events.dispose();
    this.#waiting.clear();
    this.#surfaces.clear();
    const closed = once(this.#socket, 'close');
    this.#socket.close();
    await closed;
  }

  #receive(data: Uint8Array, from: RemoteInfo): void {
    if (this.#allowed && !isAllowed(this.#allowed, from.address)) {
      this.#log.debug('OSC refused', { from: from.address });
      return;
    }
    try {
      for (const message of parsePacket(data)) this.#take(message, from);
    } catch (error) {
      if (!(error instanceof OscError)) throw error;
      this.#log.debug('not OSC', { from: from.address, error: error.message });
    }
  }

  #take({ address, args }: OscMessage, from: RemoteInfo): void {
    switch (address) {
      case `${ROOT}/subscribe`:
        this.#subscribe(args, from);
        return;
      case `${ROOT}/unsubscribe`:
        this.#leave(keyOf(from.address, portOf(args, from)));
        return;
      case `${ROOT}/ping`:
        this.#send(encodeMessage(`${ROOT}/pong`, [this.#version]), from.address, portOf(args, from));
        return;
    }
    if (!isPattern(address)) {
      if (!this.#plan(address, args, from))
        this.#tellError(
          new CrosspointError('not-found', `There is no OSC address ${address.slice(0, 200)}.`),
          address,
          from.address,
        );
      return;
    }
    const matches = matcher(address);
    let count = 0;
    for (const known of addressSpace(this.#engine.state))
      if (matches(known) && ++count <= MAX_MATCHES) this.#plan(known, args, from);
  }

  /** @returns is there such an address? */
  #plan(address: string, args: readonly OscValue[], from: RemoteInfo): boolean {
    const found = findMethod(address);
    if (!found) return false;
    const { method, names } = found;
    if (method.onPress && !isOn(args)) return true;
    const task: Task = { method, names, args, address, from: from.address };
    for (const { surface, host } of this.#surfaces.values())
      if (host === from.address) surface.touch(address, performance.now());
    if (method.address === '/panic') {
      // What waits was asked for before; nothing of it may undo this.
      this.#waiting.clear();
      void this.#carryOut(task);
    } else if (this.#waiting.has(address) || this.#waiting.size < MAX_WAITING) {
      this.#waiting.set(address, task);
      void this.#work();
    } else this.#log.warn('OSC: more than can be carried out', { address });
    return true;
  }

  async #work(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    for (;;) {
      const [next] = this.#waiting;
      if (!next || this.#disposed) break;
      this.#waiting.delete(next[0]);
      await this.#carryOut(next[1]);
    }
    this.#working = false;
  }

  async #carryOut({ method, names, args, address, from }: Task): Promise<void> {
    try {
      const input = method.command(names, args, this.#engine.state);
      this.#noteHeld(input, from);
      await this.#engine.execute([parseCommand(input)], 'osc');
    } catch (error) {
      if (!(error instanceof CrosspointError))
        this.#log.error('OSC command failed', { address, error: messageOf(error) });
      this.#tellError(
        error instanceof CrosspointError ? error : new CrosspointError('internal', messageOf(error)),
        address,
        from,
      );
    }
  }

  #noteHeld(command: CommandInput, host: string): void {
    if (command.type !== 'hold' && command.type !== 'release') return;
    if (![...this.#surfaces.values()].some((surface) => surface.host === host)) return;
    const held = this.#held.get(host) ?? new Map<string, CommandInput>();
    const what = `${command.key} ${command.id}`;
    if (command.type === 'release') held.delete(what);
    else held.set(what, { type: 'release', id: command.id, key: command.key });
    if (held.size > 0) this.#held.set(host, held);
    else this.#held.delete(host);
  }

  #subscribe(args: readonly OscValue[], from: RemoteInfo): void {
    const port = portOf(args, from);
    const key = keyOf(from.address, port);
    const known = this.#surfaces.get(key);
    if (!known && this.#surfaces.size >= MAX_SURFACES) {
      this.#log.warn('OSC: too many surfaces', { from: key });
      return;
    }
    const surface = known?.surface ?? new Surface();
    surface.expiresMs = performance.now() + this.#subscriptionMs;
    this.#surfaces.set(key, { surface, host: from.address, port });
    if (!known) this.#log.info('OSC surface subscribed', { from: key });
    surface.tellAll();
    this.#scheduleFeedback();
  }

  #leave(key: string): void {
    const left = this.#surfaces.get(key);
    if (!left) return;
    this.#surfaces.delete(key);
    this.#log.info('OSC surface left', { from: key });
    if ([...this.#surfaces.values()].some(({ host }) => host === left.host)) return;
    for (const command of this.#held.get(left.host)?.values() ?? [])
      this.#engine
        .execute([parseCommand(command)], 'osc')
        .catch((error: unknown) => this.#log.debug('key not released', { error: messageOf(error) }));
    this.#held.delete(left.host);
  }

  #expire(): void {
    const nowMs = performance.now();
    for (const [key, { surface }] of this.#surfaces) if (surface.expiresMs <= nowMs) this.#leave(key);
  }

  #scheduleFeedback(): void {
    if (this.#surfaces.size === 0 || this.#gather || this.#disposed) return;
    this.#gather = setTimeout(() => {
      this.#gather = undefined;
      const values = feedbackOf(this.#engine.state);
      for (const { surface } of this.#surfaces.values()) surface.want(values);
      this.#tell();
    }, GATHER_MS);
  }

  #tell(): void {
    clearTimeout(this.#pace);
    this.#pace = undefined;
    const nowMs = performance.now();
    let waiting = false;
    for (const { surface, host, port } of this.#surfaces.values()) {
      for (const packet of surface.take(nowMs)) this.#send(packet, host, port);
      waiting ||= surface.isWaiting;
    }
    if (waiting) this.#pace = setTimeout(() => this.#tell(), PACE_MS);
  }

  #tellError(error: CrosspointError, address: string, from: string): void {
    this.#log.debug('OSC command refused', { address, from, error: error.message });
    const nowMs = performance.now();
    if (nowMs - this.#lastErrorMs < ERROR_PAUSE_MS) return;
    this.#lastErrorMs = nowMs;
    const packet = encodeMessage(`${ROOT}/error`, [error.code, error.message, address.slice(0, 200)]);
    for (const { host, port } of this.#surfaces.values()) if (host === from) this.#send(packet, host, port);
  }

  #send(packet: Uint8Array, host: string, port: number): void {
    if (this.#disposed) return;
    this.#socket.send(packet, port, host, (error) => {
      if (error) this.#log.debug('OSC not sent', { to: keyOf(host, port), error: error.message });
    });
  }
}

const keyOf = (host: string, port: number): string => `${host} ${port}`;

/** Surfaces that listen on another port than they send from say so. */
function portOf([port]: readonly OscValue[], from: RemoteInfo): number {
  return typeof port === 'number' && Number.isInteger(port) && port > 0 && port < 65_536 ? port : from.port;
}
