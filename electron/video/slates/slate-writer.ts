import { type Disposable } from '../../base/disposable.ts';
import { encoderArgs } from '../sources/encoder-args.ts';
import { type SourceTools } from '../sources/encoded-source.ts';
import { EncoderRun } from '../sources/encoder-run.ts';
import { type Frame } from '../frames/frame.ts';
import { type Rendition, renditionKey } from '../frames/rendition.ts';
import { type SlateSize } from '../frames/slates.ts';

const MAX_KEPT = 32;
const MAX_LINES = 3;
const MAX_AT_WORK = 2;
/** Where the first line stands, how tall a line is, and how wide a letter of it, as parts of the picture's height. */
const TOP = 0.66;
const TOP_SMALL = 0.74;
const LINE = 0.052;
const LETTER = 0.022;
const MIN_LINE_PX = 13;
/** Slates of less height have larger letters. */
const SMALL_PX = 200;

interface Page {
  readonly run: EncoderRun;
}

/** Writes a reason on a slate. It takes a moment: until then there is the slate without it. */
export class SlateWriter implements Disposable {
  readonly #tools: SourceTools;
  readonly #onReady: () => void;
  /** Undefined: it cannot be written. */
  readonly #written = new Map<string, Frame | undefined>();
  readonly #atWork = new Map<string, Page>();

  constructor(tools: SourceTools, onReady: () => void) {
    this.#tools = tools;
    this.#onReady = onReady;
  }

  get(slate: Frame, size: SlateSize, reason: string): Frame | undefined {
    const key = `${size.width}x${size.height}<${size.capBytes ?? ''} ${reason}`;
    if (!this.#written.has(key)) this.#write(key, slate, size, reason);
    return this.#written.get(key);
  }

  async dispose(): Promise<void> {
    await Promise.all([...this.#atWork.values()].map(({ run }) => run.stop()));
    this.#atWork.clear();
  }

  #write(key: string, slate: Frame, { width, height, capBytes }: SlateSize, reason: string): void {
    const { ffmpeg, children, limits } = this.#tools;
    if (this.#atWork.has(key) || this.#atWork.size >= MAX_AT_WORK || !ffmpeg?.filters.has('drawtext')) return;
    const rendition: Rendition = { width, height, fps: 30, ...(capBytes === undefined ? {} : { capBytes }) };
    const run = new EncoderRun({
      children,
      ffmpeg,
      name: 'slate with a reason',
      args: encoderArgs(
        ffmpeg,
        {
          input: ['-f', 'mjpeg', '-i', 'pipe:0'],
          chains: `[0:v:0]scale=${width}:${height}:out_range=pc,${textFilters(reason, { width, height })}`,
          single: true,
        },
        [rendition],
        limits,
      ),
      stdin: true,
      keys: [renditionKey(rendition)],
      onFrame: (_, __, frame) => this.#keep(key, frame),
      onEnd: () => {
        this.#atWork.delete(key);
        if (!this.#written.has(key)) this.#keep(key, undefined);
        // Others may have waited for their turn.
        this.#onReady();
      },
    });
    this.#atWork.set(key, { run });
    run.stdin?.end(slate.jpeg);
  }

  #keep(key: string, frame: Frame | undefined): void {
    this.#written.set(key, frame);
    const [oldest] = this.#written.keys();
    if (this.#written.size > MAX_KEPT && oldest !== undefined) this.#written.delete(oldest);
  }
}

/** Lines of at most so many letters; what does not fit ends in an ellipsis. */
export function wrapped(text: string, letters: number, maxLines: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (longer.length <= letters || line === '') line = longer;
    else {
      lines.push(line);
      line = word;
    }
  }
  if (line !== '') lines.push(line);
  if (lines.length <= maxLines) return lines.map((each) => shortened(each, letters));
  return [...lines.slice(0, maxLines - 1), shortened(lines.slice(maxLines - 1).join(' '), letters)];
}

const shortened = (line: string, letters: number): string =>
  line.length <= letters ? line : `${line.slice(0, letters - 1).trimEnd()}…`;

function textFilters(reason: string, { width, height }: SlateSize): string {
  const linePx = Math.max(MIN_LINE_PX, Math.round(height * LINE));
  const topPx = Math.round(height * (height < SMALL_PX ? TOP_SMALL : TOP));
  const letterPx = (linePx * LETTER) / LINE;
  return wrapped(reason, Math.floor((width * 0.9) / letterPx), MAX_LINES)
    .map(
      (line, index) =>
        `drawtext=expansion=none:font=DejaVu Sans:fontcolor=0xb4bdc8:fontsize=${Math.round(linePx * 0.66)}` +
        `:x=(w-text_w)/2:y=${topPx + index * linePx}:text=${escaped(line)}`,
    )
    .join(',');
}

/** For a value in an option list in a filter graph (ffmpeg-utils, quoting and escaping): one level each. */
export const escaped = (text: string): string =>
  text.replace(/[\\':]/g, '\\$&').replace(/[\\'[\],;]/g, '\\$&');
