import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  camera,
  colourOf,
  desired,
  ingest,
  type Received,
  sizeOf,
  SLATES_DIR,
  sourceId,
  until,
  VideoRig,
} from '../../support/video-rig.ts';

let directory: string;
let rig: VideoRig;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'crosspoint-slates-'));
  rig = await VideoRig.start();
});
afterEach(async () => {
  await rig.dispose();
  rmSync(directory, { recursive: true });
});

function image(name: string, colour: string): string {
  const file = join(directory, name);
  execFileSync('ffmpeg', [
    ...[
      '-hide_banner',
      '-loglevel',
      'error',
      '-nostdin',
      '-y',
      '-f',
      'lavfi',
      '-i',
      `color=c=${colour}:size=800x450`,
    ],
    ...['-frames:v', '1', file],
  ]);
  return file;
}
const builtIn = (kind: string, size = '1280x720'): Buffer =>
  readFileSync(`${SLATES_DIR}/${kind}-${size}.jpg`);
const SLATES = { afterMs: 500, noSignal: null, muted: null };

describe('images of the user’s own', () => {
  it('are shown instead of the built-in slates, in each size, and follow the file', async () => {
    const slates = { ...SLATES, noSignal: image('own.png', 'red'), muted: image('muted.png', 'blue') };
    rig.plane.apply(desired([], null, { slates }));
    const desk = await rig.play('gadget/desk?token=secret');
    await desk.untilColour('red', 10_000);
    for (const [width, height] of [
      [640, 480],
      [640, 360],
      [320, 240],
    ] as const) {
      desk.client.command('crosspoint.format', { width, height, fps: 30 });
      await until('that size', () => sizeOf(desk.frames.at(-1)!.jpeg) === `${width}x${height}`, 5000);
      expect(await colourOf(desk.frames.at(-1)!.jpeg)).toBe('red');
    }
    rig.plane.apply(desired([], null, { slates, muted: true }));
    await desk.untilColour('blue');
    image('muted.png', 'lime');
    await desk.untilColour('green', 10_000);
    rig.plane.apply(desired([], null, { muted: true }));
    await desk.untilColour('dark');
    await until('nothing runs', () => rig.running === 0);
  });

  it('that are broken leave the built-in slate, and a reason', async () => {
    const file = join(directory, 'broken.png');
    writeFileSync(file, 'this is no picture');
    rig.plane.apply(desired([], null, { slates: { ...SLATES, noSignal: file, muted: '/no/such/file.png' } }));
    const desk = await rig.play('gadget/desk?token=secret');
    const problems = (): string => rig.plane.status.slateProblems?.join(' ') ?? '';
    await until(
      'both reasons',
      () => problems().includes('cannot be used') && problems().includes('cannot be read'),
      10_000,
    );
    expect(rig.plane.status.slateProblems).toHaveLength(2);
    expect((await desk.next()).jpeg.equals(builtIn('no-signal'))).toBe(true);
    image('broken.png', 'red');
    await desk.untilColour('red', 10_000);
    await until('one is mended', () => rig.plane.status.slateProblems?.length === 1);
  });
});

describe('a camera in error', () => {
  it('has its reason on the slate, in the size that is asked for', async () => {
    const file = join(directory, "it's 100%: [broken], really; \\.png");
    rig.plane.apply(desired([camera('cam:x', { kind: 'image', file })], 'cam:x'));
    const desk = await rig.play('gadget/desk?token=secret');
    const written = async (size: string): Promise<Received> => {
      await until(
        'text on the slate',
        () =>
          sizeOf(desk.frames.at(-1)!.jpeg) === size &&
          rig.plane.status.outputs['desk.webcam']?.state === 'error',
        10_000,
      );
      let last = desk.frames.at(-1)!;
      while (last.jpeg.equals(builtIn('error', size)) || last.jpeg.equals(builtIn('connecting', size)))
        last = await desk.next('another slate', 5000);
      return last;
    };
    const { jpeg } = await written('1280x720');
    if (process.env.VIDEO_KEEP) writeFileSync(process.env.VIDEO_KEEP, jpeg);
    // The same slate, with something bright where the text stands.
    expect(jpeg.length).toBeLessThan(100_000);
    desk.client.command('crosspoint.format', { width: 640, height: 360, fps: 30 });
    await written('640x360');
    await until('nothing runs', () => rig.running === 0, 10_000);
  });
});

describe('the slate of a silent source', () => {
  it.each([500, 1000])('comes %i ms after the last picture, and goes with the first one', async (afterMs) => {
    rig.plane.apply(desired([ingest('ingest:a', 'key')], 'ingest:a', { slates: { ...SLATES, afterMs } }));
    const publisher = rig.publish('key');
    const desk = await rig.play('gadget/desk?token=secret');
    await desk.untilColour('red', 15_000);
    const from = rig.plane.counters()['ingest:a']!.frames;
    await until('pictures', () => rig.plane.counters()['ingest:a']!.frames > from + 15);
    publisher.process.kill('SIGSTOP');
    let lastMs = performance.now();
    let frames = rig.plane.counters()['ingest:a']!.frames;
    await until(
      'the slate',
      () => {
        const now = rig.plane.counters()['ingest:a']!.frames;
        if (now !== frames) lastMs = performance.now();
        frames = now;
        return desk.frames.at(-1)!.jpeg.equals(builtIn('no-signal'));
      },
      10_000,
    );
    const tookMs = performance.now() - lastMs;
    expect(tookMs).toBeGreaterThan(afterMs - 60);
    expect(tookMs).toBeLessThan(afterMs + 250);
    publisher.process.kill('SIGCONT');
    await desk.untilColour('red', 15_000);
  });
});

describe('who looks at a source', () => {
  it('sees its first picture, not a slate for a moment', async () => {
    rig.plane.apply(desired([camera('cam:x', { kind: 'test', pattern: 'red' })], 'cam:x'));
    const desk = await rig.play('gadget/desk?token=secret');
    await desk.untilColour('red', 15_000);
    const jpegs: Uint8Array[] = [];
    for (const id of ['desk.webcam', 'program:recorder', 'cam:x'] as const)
      rig.owned.add(
        rig.plane.follow(id as ReturnType<typeof sourceId>, { width: 320 }, (jpeg) => jpegs.push(jpeg)),
      );
    await until('pictures of both', () => jpegs.length >= 5, 10_000);
    // Nothing is routed to the program: that is its picture.
    const slates = jpegs.filter((jpeg) => !Buffer.from(jpeg).equals(builtIn('no-signal', '320x180')));
    expect(jpegs.length - slates.length).toBe(1);
    for (const jpeg of slates) expect(await colourOf(jpeg)).toBe('red');
  });

  it('gets at most five small pictures a second, and more or larger ones when asked for', async () => {
    rig.plane.apply(desired([camera('cam:x', { kind: 'test', pattern: 'clock' })], null));
    const looks = [{ width: 320 }, { width: 320, fps: 15 }, { width: 640, fps: 5 }].map((options) => {
      const jpegs: Uint8Array[] = [];
      rig.owned.add(rig.plane.follow(sourceId('cam:x'), options, (jpeg) => jpegs.push(jpeg)));
      return jpegs;
    });
    await until('all have begun', () => looks.every(({ length }) => length > 0), 15_000);
    for (const jpegs of looks) jpegs.length = 0;
    const startMs = performance.now();
    await until('two seconds', () => performance.now() - startMs > 2000);
    const seconds = (performance.now() - startMs) / 1000;
    const [preview = [], faster = [], larger = []] = looks;
    expect(preview.length / seconds).toBeLessThanOrEqual(5.6);
    expect(larger.length / seconds).toBeLessThanOrEqual(5.6);
    expect(faster.length).toBeGreaterThan(preview.length);
    expect([preview, faster, larger].map((jpegs) => sizeOf(jpegs.at(-1)!))).toEqual([
      '320x180',
      '320x180',
      '640x360',
    ]);
    expect(rig.running).toBe(1);
  });
});
