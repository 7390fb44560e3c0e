import { type Disposable } from '../../base/disposable.ts';
import { type Frame } from '../frames/frame.ts';
import {
  DEFAULT_RENDITION,
  type FrameLimits,
  limitsOf,
  type Rendition,
  renditionOfFormat,
  sameRendition,
} from '../frames/rendition.ts';
import { type GadgetLink } from '../plane.ts';
import { type AmfValue } from '../rtmp/amf0.ts';
import { VIDEO, type Viewer, type ViewerListener } from '../rtmp/types.ts';
import { type SourceCounters } from '../sources/picture-source.ts';
import { LinkPace } from './link-pace.ts';
import { type OutputBus } from './output-bus.ts';

export interface GadgetViewerOptions {
  readonly viewer: Viewer;
  readonly bus: OutputBus;
  readonly limits: FrameLimits;
  /** The largest picture that its USB link carries; undefined: as everybody's. */
  readonly capBytes: number | undefined;
  readonly counters: SourceCounters;
  /** Format, tally, statistics or congestion have changed. */
  readonly onChange: () => void;
  readonly onEnd: () => void;
}

/** Acknowledgements come in steps of this; so much may always be on its way. */
const ACK_STEP_BYTES = 64 * 1024;
/** A still picture is sent again after so long: the link is known to be alive. */
const STILL_MS = 400;
/** A picture that is late is bridged by the last one: so soon, in intervals of its source, and so often at most. */
const LATE_INTERVALS = 1.9;
const MAX_BRIDGES = 8;
const MIN_INTERVAL_MS = 33;
const CONGESTION_CHECK_MS = 1000;
/** One that sends statistics regularly, and then nothing for so long, is gone: TCP alone would take minutes to tell. */
const SILENT_MS = 4000;
const SILENT_REPORTS = 4;

/** One connection that plays a gadget's stream: JPEG frames down, reports of the gadget up. */
export class GadgetViewer implements ViewerListener {
  readonly #viewer: Viewer;
  readonly #bus: OutputBus;
  readonly #options: GadgetViewerOptions;
  readonly #startMs = performance.now();
  #repeat: NodeJS.Timeout | undefined;
  readonly #check: NodeJS.Timeout;
  readonly #pace = new LinkPace();
  #rendition: Rendition;
  #capBytes: number | undefined;
  #subscription: Disposable | undefined;
  /** The same pictures in more or fewer bytes, which take over with their first one. */
  #coming: { readonly rendition: Rendition; readonly subscription: Disposable } | undefined;
  #latest: Frame | undefined;
  #waiting = false;
  #lastTimestampMs = -1;
  #lastSentMs = 0;
  #lastOfferMs = 0;
  #intervalMs = MIN_INTERVAL_MS;
  #bridges = 0;
  #skipped = 0;
  #sent = 0;
  #congested = false;
  #hasReported = false;
  #heardMs = performance.now();
  #checkedMs = performance.now();
  #statsMs: number | undefined;
  #statsEveryMs: number | undefined;
  #link: GadgetLink;

  constructor(options: GadgetViewerOptions) {
    this.#options = options;
    this.#viewer = options.viewer;
    this.#bus = options.bus;
    this.#link = {
      connected: true,
      remoteAddress: options.viewer.remoteAddress,
      tally: { webcam: false, mic: false, speaker: false },
    };
    this.#capBytes = options.capBytes;
    this.#rendition = this.#limited(DEFAULT_RENDITION);
    this.#subscription = this.#bus.follow(this.#rendition, (frame) => this.#offer(frame));
    this.#check = setInterval(() => {
      if (this.#checkSilence()) return;
      this.#checkCongestion();
    }, CONGESTION_CHECK_MS);
  }

  get link(): GadgetLink {
    return this.#link;
  }

  /** It speaks as a gadget does. */
  get hasReported(): boolean {
    return this.#hasReported;
  }

  get rendition(): Rendition {
    return this.#rendition;
  }

  /** Its link carries fewer pictures than there are. */
  get congested(): boolean {
    return this.#congested;
  }

  /** Its pictures are smaller than they could be, as its link is slow. */
  get reduced(): boolean {
    return this.#pace.reduction > 0;
  }

  /** Another size in bytes: the old pictures go on where they fit, until the new ones are there. */
  setCap(capBytes: number | undefined): void {
    if (capBytes === this.#capBytes) return;
    this.#capBytes = capBytes;
    this.#become(this.#limited(this.#rendition));
  }

  onProgress(): void {
    this.#heardMs = performance.now();
    if (this.#waiting && this.#latest) this.#sendIfItFits(this.#latest);
  }

  onCommand(name: string, args: readonly AmfValue[]): void {
    const report = args.find(isObject);
    if (!report) return;
    this.#heardMs = performance.now();
    switch (name) {
      case 'crosspoint.format':
        this.#onFormat(report);
        break;
      case 'crosspoint.tally':
        this.#learn({
          tally: {
            webcam: report.webcam === true,
            mic: report.mic === true,
            speaker: report.speaker === true,
          },
        });
        break;
      case 'crosspoint.stats':
        if (this.#statsMs !== undefined) this.#statsEveryMs = this.#heardMs - this.#statsMs;
        this.#statsMs = this.#heardMs;
        this.#learn({ stats: numbersIn(report) });
        break;
      default:
    }
  }

  onEnd(): void {
    clearTimeout(this.#repeat);
    clearInterval(this.#check);
    this.#forgetComing();
    void this.#subscription?.dispose();
    this.#subscription = undefined;
    this.#options.onEnd();
  }

  close(reason: string): void {
    this.#viewer.close(reason);
  }

  #onFormat(report: Readonly<Record<string, AmfValue>>): void {
    const { width, height, fps } = report;
    if (typeof width !== 'number' || typeof height !== 'number' || typeof fps !== 'number') return;
    const format = { width, height, fps };
    const wanted = renditionOfFormat(format);
    if (!wanted) return;
    this.#learn({ format });
    const rendition = this.#limited(wanted);
    this.#forgetComing();
    if (sameRendition(rendition, this.#rendition)) return;
    // Pictures of the old size are of no use any more: the slate of the new one is better.
    const old = this.#subscription;
    this.#rendition = rendition;
    this.#subscription = this.#bus.follow(rendition, (frame) => this.#offer(frame));
    void old?.dispose();
    this.#options.onChange();
  }

  #learn(news: Partial<GadgetLink>): void {
    this.#hasReported = true;
    this.#link = { ...this.#link, ...news };
    this.#options.onChange();
  }

  #offer(frame: Frame): void {
    if (!this.#fits(frame)) {
      this.#skip();
      return;
    }
    const now = performance.now();
    const passedMs = Math.min(STILL_MS, now - this.#lastOfferMs);
    this.#intervalMs = Math.max(MIN_INTERVAL_MS, this.#intervalMs + (passedMs - this.#intervalMs) * 0.2);
    this.#lastOfferMs = now;
    this.#bridges = 0;
    if (this.#waiting) this.#skip();
    this.#latest = frame;
    this.#sendIfItFits(frame);
  }

  /** Newest wins: what cannot be sent now waits alone, and the next one takes its place. */
  #sendIfItFits(frame: Frame): void {
    if (!this.#fits(frame)) return;
    this.#waiting = this.#viewer.backlogBytes > ACK_STEP_BYTES + frame.sizeBytes * 1.5;
    if (!this.#waiting) this.#send(frame);
    clearTimeout(this.#repeat);
    const bridging = this.#bridges < MAX_BRIDGES;
    const repeatMs = bridging ? Math.min(STILL_MS, this.#intervalMs * LATE_INTERVALS) : STILL_MS;
    this.#repeat = setTimeout(() => {
      this.#bridges++;
      this.#sendIfItFits(frame);
    }, repeatMs);
  }

  #send(frame: Frame): void {
    const now = performance.now();
    this.#lastTimestampMs = Math.max(this.#lastTimestampMs + 1, Math.round(now - this.#startMs));
    this.#lastSentMs = now;
    this.#sent++;
    this.#options.counters.frames++;
    this.#options.counters.bytes += frame.sizeBytes;
    this.#viewer.send({ type: VIDEO, timestampMs: this.#lastTimestampMs, payload: frame.payload });
  }

  #skip(): void {
    this.#skipped++;
    this.#options.counters.dropped++;
  }

  /** Close the connection of a gadget that is no longer there. */
  #checkSilence(): boolean {
    const now = performance.now();
    const late = now - this.#checkedMs > 2 * CONGESTION_CHECK_MS;
    this.#checkedMs = now;
    // This machine itself slept: what the gadget has sent meanwhile is about to be read.
    if (late) this.#heardMs = now;
    if (this.#statsEveryMs === undefined) return false;
    if (now - this.#heardMs <= Math.max(SILENT_MS, SILENT_REPORTS * this.#statsEveryMs)) return false;
    this.close('the gadget has gone silent');
    return true;
  }

  #checkCongestion(): void {
    const stalled = this.#waiting && performance.now() - this.#lastSentMs > CONGESTION_CHECK_MS;
    const congested = stalled || this.#skipped > (this.#sent + this.#skipped) * 0.1;
    this.#skipped = 0;
    this.#sent = 0;
    const { reduced } = this;
    this.#pace.check(congested);
    this.#become(this.#limited(this.#rendition));
    if (congested === this.#congested && reduced === this.reduced) return;
    this.#congested = congested;
    this.#options.onChange();
  }

  /** With as many bytes as its links carry now. */
  #limited({ width, height, fps }: Rendition): Rendition {
    const { reduction } = this.#pace;
    const capBytes = this.#capBytes;
    return { width, height, fps, reduction, ...(capBytes === undefined ? {} : { capBytes }) };
  }

  /** What no picture may exceed holds at once, also for those that were made before. */
  #fits({ sizeBytes }: Frame): boolean {
    return sizeBytes <= limitsOf(this.#limited(this.#rendition), this.#options.limits).hardBytes;
  }

  /** Unlike another size, this must not be seen: the old pictures go on until the new ones are there. */
  #become(rendition: Rendition): void {
    if (this.#coming && sameRendition(rendition, this.#coming.rendition)) return;
    this.#forgetComing();
    if (sameRendition(rendition, this.#rendition)) return;
    let early: Frame | undefined;
    const take = (frame: Frame): void => {
      if (this.#rendition !== rendition) {
        early = frame;
        if (this.#coming?.rendition !== rendition || this.#bus.statusOf(rendition)?.state === 'pending')
          return;
        void this.#subscription?.dispose();
        this.#subscription = this.#coming.subscription;
        this.#rendition = rendition;
        this.#coming = undefined;
      }
      this.#offer(frame);
    };
    this.#coming = { rendition, subscription: this.#bus.follow(rendition, take) };
    // A picture that does not change, or a slate, was there already.
    if (early) take(early);
  }

  #forgetComing(): void {
    void this.#coming?.subscription.dispose();
    this.#coming = undefined;
  }
}

type AmfRecord = Readonly<Record<string, AmfValue>>;

const isObject = (value: AmfValue): value is AmfRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);

const MAX_STATS = 64;

const numbersIn = (report: AmfRecord): Record<string, number> =>
  Object.fromEntries(
    Object.entries(report)
      .filter((entry): entry is [string, number] => typeof entry[1] === 'number' && Number.isFinite(entry[1]))
      .slice(0, MAX_STATS),
  );
