import { execFileSync, spawn } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toDisposable } from '../../../electron/base/disposable.ts';
import { FlvReader, type FlvTag } from '../../../electron/video/delivery/flv-reader.ts';
import { encodeAmf0 } from '../../../electron/video/rtmp/amf0.ts';
import { connectRtmp } from '../../../electron/video/rtmp/client.ts';
import { DATA_AMF0, VIDEO } from '../../../electron/video/rtmp/types.ts';
import { desired, ingest, sourceId, until, VideoRig } from '../../support/video-rig.ts';

let rig: VideoRig;
beforeEach(async () => {
  rig = await VideoRig.start();
});
afterEach(() => rig.dispose());

const INGEST = ingest('ingest:a', 'key');
const online = (): boolean => rig.plane.status.sources['ingest:a']?.state === 'online';
const SMALL = (colour: string): string => `color=c=${colour}:size=640x360:rate=15`;

describe('a second publisher with the same key', () => {
  it('takes the place of the first when that is allowed, and the picture goes on', async () => {
    rig.plane.apply(desired([{ ...INGEST, takeOver: true }], 'ingest:a'));
    const first = rig.publish('key', SMALL('red'));
    const desk = await rig.play('gadget/desk?token=secret');
    await desk.untilColour('red', 15_000);
    rig.publish('key', SMALL('blue'));
    await desk.untilColour('blue', 15_000);
    await first.exited;
    // Not allowed any more: the one who is there stays.
    rig.plane.apply(desired([INGEST], 'ingest:a'));
    const third = rig.publish('key', SMALL('lime'));
    await third.exited;
    expect(online()).toBe(true);
    await desk.untilColour('blue');
    expect(desk.client.ended).toBe(false);
  });
});

describe('a new key while somebody publishes', () => {
  it('closes the publisher and those who play its stream; with the new key the picture and the sound are back', async () => {
    rig.plane.apply(desired([INGEST], 'ingest:a'));
    const sound = ['-f', 'lavfi', '-i', 'sine=1000', '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '15'];
    const args = [...sound, '-pix_fmt', 'yuv420p', '-c:a', 'aac'];
    const publisher = rig.publish('key', SMALL('red'), args);
    const desk = await rig.play('gadget/desk?token=secret');
    let bytes = 0;
    rig.owned.add(rig.plane.listen(sourceId('ingest:a'), (pcm) => (bytes += pcm.length)));
    await desk.untilColour('red', 15_000);
    await until('sound', () => bytes > 0);
    const player = rig.owned.add(await connectRtmp({ url: `${rig.url}/live/key` }));
    await player.play();
    rig.plane.apply(desired([{ ...INGEST, key: 'another' }], 'ingest:a'));
    await publisher.exited;
    await until('the player is let go', () => player.ended);
    await desk.untilColour('dark');
    const refused = rig.publish('key', SMALL('red'));
    await refused.exited;
    expect(online()).toBe(false);
    const had = bytes;
    rig.publish('another', SMALL('blue'), args);
    await desk.untilColour('blue', 15_000);
    await until('sound again', () => bytes > had);
    expect(desk.client.ended).toBe(false);
  });
});

describe('publishers of all kinds', () => {
  it.each([
    ['GStreamer', 'flvmux streamable=true ! rtmp2sink location=LOCATION'],
    ['librtmp', 'flvmux streamable=true ! rtmpsink location=LOCATION'],
  ])('%s is seen', async (_, sink) => {
    rig.plane.apply(desired([INGEST], 'ingest:a'));
    const pipeline =
      'videotestsrc is-live=true pattern=red ! video/x-raw,width=640,height=360,framerate=15/1 ' +
      '! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=15 ! h264parse ! ' +
      sink.replace('LOCATION', `${rig.url}/live/key`);
    const child = spawn('gst-launch-1.0', ['-q', ...pipeline.split(' ')], { stdio: 'ignore' });
    const exited = new Promise((resolve) => child.once('close', resolve));
    rig.owned.add(
      toDisposable(async () => {
        child.kill('SIGKILL');
        await exited;
      }),
    );
    const desk = await rig.play('gadget/desk?token=secret');
    await desk.untilColour('red', 20_000);
  });

  it.each([
    ['24', 2 ** 24 - 500],
    ['32', 2 ** 32 - 500],
  ])(
    'one whose clock passes %s bits, which tells its header with every key frame and its metadata late',
    async (_, startMs) => {
      const tags: FlvTag[] = [];
      new FlvReader((tag) => tags.push({ ...tag, body: Buffer.from(tag.body) })).push(
        execFileSync('ffmpeg', [
          ...['-hide_banner', '-loglevel', 'error', '-nostdin', '-f', 'lavfi', '-i', SMALL('red'), '-t', '3'],
          ...[
            '-c:v',
            'libx264',
            '-preset',
            'ultrafast',
            '-g',
            '8',
            '-bf',
            '2',
            '-pix_fmt',
            'yuv420p',
            '-f',
            'flv',
            'pipe:1',
          ],
        ]),
      );
      const video = tags.filter(({ type }) => type === VIDEO);
      const header = video[0]!.body;
      rig.plane.apply(desired([INGEST], 'ingest:a'));
      const client = rig.owned.add(await connectRtmp({ url: `${rig.url}/live/key` }));
      await client.publish();
      const desk = await rig.play('gadget/desk?token=secret');
      const sendAt = performance.now();
      let index = 1;
      let seen = 0;
      const timer = setInterval(() => {
        for (; index < video.length && performance.now() - sendAt > video[index]!.timestampMs; index++) {
          const { body, timestampMs } = video[index]!;
          const at = startMs + timestampMs;
          if (index === 5)
            client.send({
              type: DATA_AMF0,
              timestampMs: at,
              payload: encodeAmf0('@setDataFrame', 'onMetaData', { width: 640, height: 360, framerate: 15 }),
            });
          if (body[0]! >> 4 === 1) client.send({ type: VIDEO, timestampMs: at, payload: header });
          client.send({ type: VIDEO, timestampMs: at, payload: body });
          seen = timestampMs;
        }
      }, 5);
      rig.owned.add(toDisposable(() => clearInterval(timer)));
      await desk.untilColour('red', 15_000);
      await until('it has passed', () => seen > 1500);
      const frames = rig.plane.counters()['ingest:a']!.frames;
      await until('pictures go on', () => rig.plane.counters()['ingest:a']!.frames > frames + 5, 5000);
      expect(rig.plane.status.sources['ingest:a']).toMatchObject({
        state: 'online',
        width: 640,
        height: 360,
        fps: 15,
      });
    },
  );
});
