import { createHash, timingSafeEqual } from 'node:crypto';
import { type Disposable } from '../../base/disposable.ts';
import { type Logger } from '../../base/logger.ts';
import { type FrameLimits } from '../frames/rendition.ts';
import { type GadgetLink, type OutputStatus } from '../plane.ts';
import {
  type PlayAccepted,
  type Refusal,
  type StreamRequest,
  type Viewer,
  type ViewerListener,
} from '../rtmp/types.ts';
import { type SourceCounters } from '../sources/picture-source.ts';
import { GadgetViewer } from './gadget-viewer.ts';
import { type OutputBus } from './output-bus.ts';

/** A gadget, and a few who look over its shoulder. */
const MAX_VIEWERS = 8;
const DISCONNECTED: GadgetLink = { connected: false, tally: { webcam: false, mic: false, speaker: false } };

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** In a time that tells nothing about where they differ. */
const sameSecret = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));

/** `gadget/<id>`: who may play it, and how the gadget is. */
export class GadgetPort implements Disposable {
  readonly counters: SourceCounters = { frames: 0, bytes: 0, dropped: 0 };
  readonly #log: Logger;
  readonly #onChange: () => void;
  /** Newest last. */
  readonly #viewers = new Set<GadgetViewer>();
  readonly token: string;
  readonly bus: OutputBus;
  readonly #limits: FrameLimits;
  #capBytes: number | undefined;

  constructor({
    token,
    bus,
    limits,
    log,
    onChange,
  }: {
    token: string;
    bus: OutputBus;
    limits: FrameLimits;
    log: Logger;
    onChange: () => void;
  }) {
    this.token = token;
    this.bus = bus;
    this.#limits = limits;
    this.#log = log;
    this.#onChange = onChange;
  }

  /**
   * The newest connection that reports speaks for the gadget: an older one may be dead without anybody having noticed,
   * and one that reports nothing only looks on.
   */
  get link(): GadgetLink {
    return this.#newest?.link ?? DISCONNECTED;
  }

  /** The route as the gadget's client sees it. */
  get outputStatus(): OutputStatus {
    const { source } = this.bus.target;
    if (source === null) return { state: 'off' };
    const viewer = this.#newest;
    if (!viewer) return { state: 'offline', reason: 'The gadget is not connected to this box.' };
    const status = this.bus.statusOf(viewer.rendition) ?? { state: 'pending' };
    const how = [...(viewer.reduced ? ['smaller'] : []), ...(viewer.congested ? ['fewer'] : [])].join(
      ' and ',
    );
    if (status.state === 'live' && how !== '')
      return { state: 'degraded', reason: `The link to the gadget is slow: its pictures are ${how}.` };
    return status;
  }

  /** The largest picture in bytes, also for those who play it now. */
  setMaxFrameBytes(maxFrameBytes: number): void {
    this.#capBytes = maxFrameBytes === this.#limits.capBytes ? undefined : maxFrameBytes;
    for (const viewer of this.#viewers) viewer.setCap(this.#capBytes);
  }

  play({ query, remoteAddress }: StreamRequest): Refusal | PlayAccepted {
    const token = query.get('token') ?? '';
    if (this.token === '' || !sameSecret(token, this.token)) {
      this.#log.warn('refused: wrong token', { remoteAddress });
      return refusal('The token is wrong. Take the address from the gadget’s page again.');
    }
    if (this.#viewers.size >= MAX_VIEWERS) return refusal('Too many connections play this gadget already.');
    return { accept: true, start: (viewer) => this.#start(viewer) };
  }

  dispose(): void {
    this.closeAll('the gadget was removed or has a new token');
  }

  closeAll(reason: string): void {
    for (const viewer of [...this.#viewers]) viewer.close(reason);
  }

  get #newest(): GadgetViewer | undefined {
    const viewers = [...this.#viewers].reverse();
    return viewers.find(({ hasReported }) => hasReported) ?? viewers[0];
  }

  #start(viewer: Viewer): ViewerListener {
    this.#log.info('gadget connected', { from: viewer.remoteAddress });
    const listener: GadgetViewer = new GadgetViewer({
      viewer,
      bus: this.bus,
      limits: this.#limits,
      capBytes: this.#capBytes,
      counters: this.counters,
      onChange: this.#onChange,
      onEnd: () => {
        this.#viewers.delete(listener);
        this.#log.info('gadget disconnected', { from: viewer.remoteAddress });
        this.#onChange();
      },
    });
    this.#viewers.add(listener);
    this.#onChange();
    return listener;
  }
}

const refusal = (description: string): Refusal => ({
  accept: false,
  code: 'NetStream.Play.Failed',
  description,
});
