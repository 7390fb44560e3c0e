import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { silentLogger } from '../../../electron/base/logger.ts';
import { Supervisor } from '../../../electron/engine/supervisor.ts';
import { type Ffmpeg, findFfmpeg } from '../../../electron/video/ffmpeg.ts';
import { type Frame } from '../../../electron/video/frames/frame.ts';
import { readJpegHead, withTables } from '../../../electron/video/frames/jpeg.ts';
import { DEFAULT_FRAME_LIMITS, type FrameLimits } from '../../../electron/video/frames/rendition.ts';
import { PLAIN_PICTURE } from '../../../electron/video/sources/picture-filters.ts';
import { CaptureSource } from '../../../electron/video/sources/capture-source.ts';
import { camera, colourOf, desired, sizeOf, sourceId, until, VideoRig } from '../../support/video-rig.ts';

let directory: string;
let rig: VideoRig;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'crosspoint-video-'));
  rig = await VideoRig.start();
});
afterEach(async () => {
  await rig.dispose();
  rmSync(directory, { recursive: true });
});

const ffmpeg = (...args: string[]): Buffer =>
  execFileSync('ffmpeg', ['-hide_banner', '-loglevel', 'error', '-nostdin', '-y', ...args], {
    maxBuffer: 1e9,
  });

/** The first picture of a source in this width, and its status. */
async function firstPicture(settings: unknown, width = 1280): Promise<Buffer> {
  rig.plane.apply(desired([camera('cam:x', settings)], null));
  const jpegs: Buffer[] = [];
  const following = rig.plane.follow(sourceId('cam:x'), { width }, (jpeg) => jpegs.push(Buffer.from(jpeg)));
  await until('a picture', () => rig.plane.counters()['cam:x']!.frames > 0 && jpegs.length > 0, 15_000);
  void following.dispose();
  return jpegs.at(-1)!;
}

describe('a picture file', () => {
  it('is shown with its shape kept, and again when it is replaced', async () => {
    const file = join(directory, 'a picture.png');
    ffmpeg('-f', 'lavfi', '-i', 'color=c=blue:size=400x400', '-frames:v', '1', file);
    const jpeg = await firstPicture({ kind: 'image', file });
    expect(sizeOf(jpeg)).toBe('1280x720');
    await until('its size', () => rig.plane.status.sources['cam:x']?.width === 400);
    expect(rig.plane.status.sources['cam:x']).toEqual({ state: 'online', width: 400, height: 400 });
    let latest: Uint8Array = jpeg;
    rig.owned.add(rig.plane.follow(sourceId('cam:x'), { width: 640 }, (next) => (latest = next)));
    const blue = rig.plane.counters()['cam:x']!.frames;
    await until('the other size', () => rig.plane.counters()['cam:x']!.frames > blue, 15_000);
    ffmpeg('-f', 'lavfi', '-i', 'color=c=lime:size=1280x720', '-frames:v', '1', file);
    await until('the new picture', () => rig.plane.counters()['cam:x']!.frames > blue + 1, 15_000);
    await vi.waitFor(async () => expect(await colourOf(latest)).toBe('green'), {
      timeout: 10_000,
      interval: 500,
    });
    await until('nothing runs', () => rig.running === 0);
  });

  it('tells why when it is missing or broken, and comes when it is mended', async () => {
    const file = join(directory, 'x.jpg');
    rig.plane.apply(desired([camera('cam:x', { kind: 'image', file })], 'cam:x'));
    await until('the reason', () => rig.plane.status.sources['cam:x']?.state === 'error');
    expect(rig.plane.status.sources['cam:x']!.reason).toMatch(/cannot be read/);
    const desk = await rig.play('gadget/desk?token=secret');
    writeFileSync(file, 'this is no picture');
    await until(
      'another reason',
      () => rig.plane.status.sources['cam:x']?.reason?.includes('cannot be used') === true,
      10_000,
    );
    expect(rig.plane.status.outputs['desk.webcam']!.state).toBe('error');
    ffmpeg('-f', 'lavfi', '-i', 'color=c=red:size=640x360', '-frames:v', '1', file);
    await desk.untilColour('red', 15_000);
    // Still pictures are sent again and again, and never replaced by a slate.
    for (let i = 0; i < 4; i++) expect(await colourOf((await desk.next()).jpeg)).toBe('red');
    expect(rig.plane.status.outputs['desk.webcam']!.state).toBe('live');
    unlinkSync(file);
    await until('the reason again', () => rig.plane.status.sources['cam:x']!.state === 'error', 10_000);
  });
});

describe('a URL camera', () => {
  it('plays a file in a loop', async () => {
    const file = join(directory, 'loop.mp4');
    ffmpeg('-f', 'lavfi', '-i', 'color=c=red:size=320x240:rate=15', '-t', '0.4', '-pix_fmt', 'yuv420p', file);
    rig.plane.apply(desired([camera('cam:x', { kind: 'url', url: file })], 'cam:x'));
    const desk = await rig.play('gadget/desk?token=secret');
    await desk.untilColour('red', 15_000);
    const from = rig.plane.counters()['cam:x']!.frames;
    await until('more than the file holds', () => rig.plane.counters()['cam:x']!.frames > from + 20, 15_000);
    expect(rig.plane.status.sources['cam:x']).toEqual({ state: 'online', width: 320, height: 240, fps: 15 });
  });

  it.each([
    ['a file that is not there', '/no/such/file.mp4', /does not exist/],
    ['a port on which nothing listens', 'rtsp://127.0.0.1:9/x', /refused/],
    ['an address of an unknown kind', 'gopher://127.0.0.1/', /not supported/],
  ])('says in one sentence what is wrong with %s', async (_, url, sentence) => {
    rig.plane.apply(desired([camera('cam:x', { kind: 'url', url })], 'cam:x'));
    await rig.play('gadget/desk?token=secret');
    await until('the error', () => rig.plane.status.sources['cam:x']!.state === 'error', 15_000);
    expect(rig.plane.status.sources['cam:x']!.reason).toMatch(sentence);
    expect(rig.plane.status.outputs['desk.webcam']).toEqual(rig.plane.status.sources['cam:x']);
  });
});

describe('a V4L2 camera that is not connected', () => {
  it('is offline, and nothing is started for it', async () => {
    const device = join('/dev', 'crosspoint-no-such-camera');
    rig.plane.apply(desired([camera('cam:x', { kind: 'v4l2', device })], 'cam:x'));
    await rig.play('gadget/desk?token=secret');
    await until('offline', () => rig.plane.status.outputs['desk.webcam']?.state === 'offline');
    expect(rig.plane.status.sources['cam:x']).toMatchObject({
      state: 'offline',
      reason: expect.stringMatching(/not connected/) as string,
    });
    expect(rig.running).toBe(0);
  });
});

describe('every test pattern', () => {
  it.each(['smpte', 'bars', 'red', 'green', 'blue', 'gray', 'noise', 'mandelbrot', 'clock'])(
    '%s gives pictures',
    async (pattern) => {
      expect(sizeOf(await firstPicture({ kind: 'test', pattern }, 640))).toBe('640x360');
    },
  );
});

describe('a camera that only one program can open', () => {
  let tool: Ffmpeg;
  let children: Supervisor;
  let source: CaptureSource;
  beforeEach(async () => {
    tool = await findFfmpeg();
    children = new Supervisor(silentLogger);
  });
  afterEach(async () => {
    await source.dispose();
    await children.dispose();
  });

  /** A camera made of a file of JPEGs, which ffmpeg copies as it does those of a real one. */
  function capture(
    quality: number,
    input = 'testsrc2=size=640x360:rate=15',
    limits: FrameLimits = DEFAULT_FRAME_LIMITS,
  ): Buffer[] {
    const file = join(directory, 'camera.mkv');
    ffmpeg(
      '-f',
      'lavfi',
      '-i',
      input,
      '-t',
      '4',
      '-c:v',
      'mjpeg',
      '-huffman',
      'default',
      '-q:v',
      String(quality),
      '-pix_fmt',
      'yuvj420p',
      file,
    );
    source = new CaptureSource(
      'cam:file',
      { log: silentLogger, children, ffmpeg: tool, limits, lingerMs: 200 },
      () => ({
        args: [
          '-hide_banner',
          '-loglevel',
          'info',
          '-nostdin',
          '-re',
          '-stream_loop',
          '-1',
          '-i',
          file,
          '-c',
          'copy',
          '-flush_packets',
          '1',
          '-f',
          'mpjpeg',
          'pipe:1',
        ],
      }),
    );
    const all = ffmpeg('-i', file, '-c', 'copy', '-f', 'image2pipe', 'pipe:1');
    const own: Buffer[] = [];
    for (let at = 0; at !== -1;) {
      const next = all.indexOf(Buffer.of(0xff, 0xd8, 0xff), at + 3);
      own.push(all.subarray(at, next === -1 ? undefined : next));
      at = next;
    }
    return own;
  }
  const follow = (width: number, height: number, fps = 30): Frame[] => {
    const frames: Frame[] = [];
    source.follow({ width, height, fps }, (frame) => frames.push(frame));
    return frames;
  };

  it('passes its own JPEGs through untouched to those who want its size', async () => {
    const own = capture(5);
    const frames = follow(640, 360);
    await until('ten pictures', () => frames.length > 10, 15_000);
    for (const { jpeg } of frames) expect(own.some((picture) => picture.equals(jpeg))).toBe(true);
    expect(children.running.length).toBe(1);
  });

  it('is opened once, however many other sizes are wanted', async () => {
    capture(5);
    const native = follow(640, 360);
    const large = follow(1280, 720);
    const small = follow(320, 180, 5);
    await until('all sizes', () => native.length > 3 && large.length > 3 && small.length > 3, 15_000);
    expect(sizeOf(native.at(-1)!.jpeg)).toBe('640x360');
    expect(sizeOf(large.at(-1)!.jpeg)).toBe('1280x720');
    expect(sizeOf(small.at(-1)!.jpeg)).toBe('320x180');
    expect(children.running.map(({ name }) => name).sort()).toEqual([
      'ffmpeg cam:file',
      'ffmpeg cam:file (converted)',
    ]);
  });

  it('has none of its own pictures passed on from the moment it is blurred, and all of them when it is not any more', async () => {
    const own = capture(5);
    const isOwn = ({ jpeg }: Frame): boolean => own.some((picture) => picture.equals(jpeg));
    const frames = follow(640, 360);
    await until('its own pictures', () => frames.length > 5, 15_000);
    let concealed = 0;
    source.onConceal(() => concealed++);
    source.setPicture({ ...PLAIN_PICTURE, blur: true });
    const from = frames.length;
    expect(concealed).toBe(1);
    await until('blurred pictures', () => frames.length > from + 10, 15_000);
    expect(frames.slice(from).filter(isOwn)).toEqual([]);
    expect(sizeOf(frames.at(-1)!.jpeg)).toBe('640x360');
    source.setPicture(PLAIN_PICTURE);
    await until('its own again', () => isOwn(frames.at(-1)!), 5000);
    // A change that is no matter of privacy: its own pictures go on until the new ones are there.
    source.setPicture({ ...PLAIN_PICTURE, mirror: true });
    await until('mirrored ones', () => !isOwn(frames.at(-1)!), 15_000);
    expect(concealed).toBe(1);
  });

  it('has its pictures converted when they are too large for the link', async () => {
    const own = capture(2, 'color=c=gray:size=640x360:rate=15,noise=alls=80:allf=t+u', {
      capBytes: 30_000,
      hardBytes: 40_000,
    });
    expect(own[5]!.length).toBeGreaterThan(40_000);
    const frames = follow(640, 360);
    await until('ten pictures', () => frames.length > 10, 15_000);
    expect(Math.max(...frames.map(({ jpeg }) => jpeg.length))).toBeLessThanOrEqual(30_000);
    expect(sizeOf(frames.at(-1)!.jpeg)).toBe('640x360');
  });
});

describe('JPEGs without Huffman tables, as many cameras send them', () => {
  it('get the standard ones, and are then the same picture', () => {
    const whole = ffmpeg(
      '-f',
      'lavfi',
      '-i',
      'testsrc2=size=320x240',
      '-frames:v',
      '1',
      '-c:v',
      'mjpeg',
      '-huffman',
      'default',
      '-f',
      'image2pipe',
      'pipe:1',
    );
    const at = whole.indexOf(Buffer.of(0xff, 0xc4));
    const bare = Buffer.concat([whole.subarray(0, at), whole.subarray(at + 2 + whole.readUInt16BE(at + 2))]);
    expect(readJpegHead(whole)).toEqual({ width: 320, height: 240, hasTables: true });
    expect(readJpegHead(bare)).toEqual({ width: 320, height: 240, hasTables: false });
    const file = (name: string, jpeg: Buffer): string => {
      writeFileSync(join(directory, name), jpeg);
      return join(directory, name);
    };
    const pixels = (path: string): Buffer => ffmpeg('-i', path, '-f', 'rawvideo', 'pipe:1');
    const mended = Buffer.concat(withTables([bare.subarray(0, 700), bare.subarray(700)]));
    expect(mended).toEqual(Buffer.concat(withTables([bare.subarray(0, 1), bare.subarray(1)])));
    expect(pixels(file('mended.jpg', mended)).equals(pixels(file('whole.jpg', whole)))).toBe(true);
    expect(readFileSync(join(directory, 'mended.jpg')).includes(Buffer.of(0xff, 0xc4))).toBe(true);
  });
});
