import { spawn, type ChildProcess } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Disposable } from '../../../electron/base/disposable.ts';
import { connectRtmp } from '../../../electron/video/rtmp/client.ts';
import { parseVideoTag } from '../../../electron/video/rtmp/ex-video.ts';
import { type MediaMessage, VIDEO } from '../../../electron/video/rtmp/types.ts';
import {
  camera,
  type Colour,
  desired,
  ingest,
  nameColour,
  until,
  VideoRig,
} from '../../support/video-rig.ts';

let rig: VideoRig;
beforeEach(async () => {
  rig = await VideoRig.start();
});
afterEach(() => rig.dispose());

const ffmpeg = (url: string): readonly [string, readonly string[]] => [
  'ffmpeg',
  [
    '-hide_banner',
    '-loglevel',
    'error',
    '-nostdin',
    '-flags',
    'low_delay',
    '-analyzeduration',
    '1000000',
    '-i',
    url,
    '-an',
    '-fps_mode',
    'passthrough',
    '-vf',
    'scale=1:1:flags=area,format=rgb24',
    '-f',
    'rawvideo',
    'pipe:1',
  ],
];

const ONE_PIXEL = 'videoconvert ! videoscale ! video/x-raw,format=RGB,width=4,height=4';
/** GStreamer's own RTMP client. */
const gstreamer = (url: string): readonly [string, readonly string[]] => [
  'gst-launch-1.0',
  [
    '-q',
    ...`rtmp2src location=${url} ! flvdemux ! h264parse ! avdec_h264 ! ${ONE_PIXEL} ! fdsink fd=1`.split(' '),
  ],
];

/** A real player that plays a stream and tells the colour of each picture. */
class Player implements Disposable {
  readonly process: ChildProcess;
  readonly exited: Promise<void>;
  colour: Colour | undefined;
  pictures = 0;

  constructor(url: string, [command, args] = ffmpeg(url)) {
    this.process = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    this.process.stdout!.on('data', (pixels: Buffer) => {
      this.pictures += pixels.length / 3;
      const [r = 0, g = 0, b = 0] = pixels.subarray(-3);
      this.colour = nameColour([r, g, b]);
    });
    this.exited = new Promise((resolve) => this.process.once('close', () => resolve()));
  }

  get alive(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null;
  }

  until(colour: Colour): Promise<void> {
    return until(`a ${colour} picture at the player`, () => this.colour === colour, 20_000);
  }

  async dispose(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.exited;
  }
}

const A = ingest('ingest:a', 'key-a');
const B = ingest('ingest:b', 'key-b');
const GREEN = camera('cam:green', { kind: 'test', pattern: 'green' });
const route = (program: string | null, sources = [A, B, GREEN]): void =>
  rig.plane.apply(desired(sources, null, { program }));

async function publishBoth(): Promise<void> {
  rig.publish('key-a', 'color=c=red:size=1280x720:rate=30');
  rig.publish('key-b', 'color=c=blue:size=640x360:rate=30');
  await until(
    'both publish',
    () => ['ingest:a', 'ingest:b'].every((id) => rig.plane.status.sources[id]?.width !== undefined),
    20_000,
  );
}

describe('a program', () => {
  it('follows the routing for a real player: publishers, a camera, slates, and never lets it go', async () => {
    route('ingest:a');
    await publishBoth();
    const player = rig.owned.add(new Player(`${rig.url}/program/recorder`));
    await player.until('red');
    expect(rig.running).toBe(0); // what is H.264 already is only passed on
    expect(rig.plane.status.outputs['program:recorder']).toEqual({ state: 'live' });
    route('ingest:b');
    await player.until('blue');
    route('cam:green');
    await player.until('green');
    route(null);
    await player.until('dark');
    route('ingest:a');
    await player.until('red');
    await until('the encoder is gone', () => rig.running === 0);
    expect(player.alive).toBe(true);
  });

  it('shows the slate when its publisher goes or is muted, and the picture when it is back', async () => {
    route('ingest:a');
    const publisher = rig.publish('key-a');
    const player = rig.owned.add(new Player(`${rig.url}/program/recorder`));
    await player.until('red');
    route('ingest:a', [{ ...A, muted: true }]);
    await player.until('dark');
    route('ingest:a', [A]);
    await player.until('red');
    await publisher.dispose();
    await player.until('dark');
    rig.publish('key-a', 'color=c=blue:size=640x360:rate=30');
    await player.until('blue');
    expect(player.alive).toBe(true);
  });

  it('begins each switch with the new header and a key frame, and its timestamps never go back', async () => {
    route('ingest:a');
    await publishBoth();
    const client = rig.owned.add(await connectRtmp({ url: `${rig.url}/program/recorder` }));
    const video: MediaMessage[] = [];
    client.onMedia((message) => {
      if (message.type === VIDEO) video.push(message);
    });
    await client.play();
    await until('a picture', () => video.length > 10, 10_000);
    for (let i = 0; i < 4; i++) {
      const headers = (): number =>
        video.filter(({ payload }) => parseVideoTag(payload)?.kind === 'sequence-header').length;
      const before = headers();
      route(i % 2 === 0 ? 'ingest:b' : 'ingest:a');
      await until('the next header', () => headers() > before, 10_000);
    }
    await until('pictures after it', () => parseVideoTag(video.at(-1)!.payload)?.kind === 'frame');
    video.forEach(({ payload, timestampMs }, index) => {
      if (index > 0) expect(timestampMs).toBeGreaterThanOrEqual(video[index - 1]!.timestampMs);
      const tag = parseVideoTag(payload)!;
      const before = index > 0 ? parseVideoTag(video[index - 1]!.payload)! : undefined;
      if (before?.kind === 'sequence-header' && tag.kind === 'frame') expect(tag.keyFrame).toBe(true);
    });
    expect(client.ended).toBe(false);
  });

  it('is played by GStreamer over switches of all kinds', async () => {
    route('ingest:a');
    await publishBoth();
    const url = `${rig.url}/program/recorder`;
    const player = rig.owned.add(new Player(url, gstreamer(url)));
    await player.until('red');
    route('ingest:b');
    await player.until('blue');
    route('cam:green');
    await player.until('green');
    route('ingest:a');
    await player.until('red');
    expect(player.alive).toBe(true);
  });

  it('costs nothing while nobody plays it', async () => {
    route('cam:green');
    const player = rig.owned.add(new Player(`${rig.url}/program/recorder`));
    await player.until('green');
    expect(rig.running).toBeGreaterThan(0);
    await player.dispose();
    await until('nothing runs', () => rig.running === 0, 10_000);
    expect(rig.plane.status.outputs['program:recorder']!.state).toBe('offline');
  });
});

describe('an ingest', () => {
  it('can be played by any client, from the last key frame on, and is held when the publisher goes and comes back', async () => {
    route(null);
    const publisher = rig.publish('key-a');
    const player = rig.owned.add(new Player(`${rig.url}/live/key-a`));
    await player.until('red');
    await publisher.dispose();
    rig.publish('key-a', 'color=c=blue:size=640x360:rate=30');
    await player.until('blue');
    expect(player.alive).toBe(true);
    // Those who come now join the first one's clock, which is not at zero any more.
    const late = [ffmpeg, gstreamer].map((program) => {
      const url = `${rig.url}/live/key-a`;
      return rig.owned.add(new Player(url, program(url)));
    });
    for (const one of late) await one.until('blue');
  });
});
