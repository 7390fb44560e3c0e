import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Child, type ChildRunner, type ChildSpec } from '../../../../electron/base/child-process.ts';
import { silentLogger } from '../../../../electron/base/logger.ts';
import { type Ffmpeg } from '../../../../electron/video/ffmpeg.ts';
import { type Reduction } from '../../../../electron/video/frames/rendition.ts';
import { CaptureSource } from '../../../../electron/video/sources/capture-source.ts';

/** Children that run nothing: the test writes what they would. */
class FakeChildren implements ChildRunner {
  readonly started: (ChildSpec & { readonly out: PassThrough })[] = [];

  start(spec: ChildSpec): Child {
    const out = new PassThrough();
    this.started.push({ ...spec, out });
    const exit = { code: 0, signal: null };
    return {
      pid: undefined,
      stdin: spec.stdin === 'pipe' ? new PassThrough() : null,
      stdout: out,
      extraOutputs: [],
      exited: new Promise(() => undefined),
      stderrTail: () => '',
      stop: () => Promise.resolve(exit),
    };
  }

  get names(): readonly string[] {
    return this.started.map(({ name }) => name);
  }
}

const FFMPEG: Ffmpeg = {
  ...{ path: 'ffmpeg', version: '7.0', hasFpsMode: true },
  ...{ decoders: new Set(), encoders: new Set(), filters: new Set(), devices: new Set() },
};
const LIMITS = { capBytes: 4000, hardBytes: 5000 };
const OWN = 'ffmpeg cam:c';
const CONVERTED = 'ffmpeg cam:c (converted)';

/** What a 640x360 camera gives: the head of a JPEG (tables, size, start of the scan), and as many bytes as wanted. */
function jpegOf(sizeBytes: number): Buffer {
  const jpeg = Buffer.alloc(sizeBytes, 0x55);
  Buffer.from('ffd8' + 'ffc40002' + 'ffc0000b080168028001011100' + 'ffda0002', 'hex').copy(jpeg);
  return jpeg;
}

describe("a camera's own picture on a link that is reduced", () => {
  let children: FakeChildren;
  let source: CaptureSource;
  beforeEach(() => {
    children = new FakeChildren();
    source = new CaptureSource(
      'cam:c',
      { log: silentLogger, children, ffmpeg: FFMPEG, limits: LIMITS },
      () => ({ args: [] }),
    );
  });
  afterEach(() => source.dispose());

  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  /** Sizes of what comes through of such pictures. */
  async function passed(reduction: Reduction, ...sizesBytes: number[]): Promise<number[]> {
    const sizes: number[] = [];
    source.follow({ width: 640, height: 360, fps: 1e6, reduction }, (frame) => sizes.push(frame.sizeBytes));
    await turn();
    for (const sizeBytes of sizesBytes) {
      const head = `--ffmpeg\r\nContent-length: ${sizeBytes}\r\n\r\n`;
      children.started[0]!.out.write(Buffer.concat([Buffer.from(head), jpegOf(sizeBytes)]));
      await turn();
      await turn();
    }
    return sizes;
  }

  it('passes untouched when it fits', async () => {
    expect(await passed(1, 1900, 2000)).toEqual([1900, 2000]);
    expect(children.names).toEqual([OWN]);
  });

  it('passes although it is too large by chance', async () => {
    expect(await passed(1, 1900, 2400, 1900)).toEqual([1900, 2400, 1900]);
    expect(children.names).toEqual([OWN]);
  });

  it('is converted when it does not fit', async () => {
    expect(await passed(1, 1900, 2600)).toEqual([1900]);
    expect(children.names).toEqual([OWN, CONVERTED]);
  });

  it('is converted when many do not fit', async () => {
    await passed(2, 1100, 1100, 1100);
    expect(children.names).toEqual([OWN, CONVERTED]);
  });

  it('still fits the whole link', async () => {
    expect(await passed(0, 3900)).toEqual([3900]);
    expect(children.names).toEqual([OWN]);
  });
});
