import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { within } from '../../../electron/base/time.ts';
import { connectRtmp } from '../../../electron/video/rtmp/client.ts';
import { parseVideoTag } from '../../../electron/video/rtmp/ex-video.ts';
import { ffmpegPublish, type Program, run } from '../../support/rtmp-programs.ts';
import { type Relay, startRelay } from '../../support/rtmp-relay.ts';

let relay: Relay;
let directory: string;
let programs: Program[] = [];
beforeEach(async () => {
  relay = await startRelay();
  directory = await mkdtemp(path.join(tmpdir(), 'crosspoint-rtmp-'));
});
afterEach(async () => {
  for (const program of programs) await program.stop();
  programs = [];
  await relay.server.dispose();
  await rm(directory, { recursive: true });
});

const started = (program: Program): Program => {
  programs.push(program);
  return program;
};
const url = (name: string): string => `rtmp://127.0.0.1:${relay.port}/live/${name}`;
const file = (name: string): string => path.join(directory, name);
const flowing = (name: string): Promise<boolean> =>
  relay.watch.until(
    () => relay.channel(name).heads.has('video') && relay.channel(name).messages > 20,
    `${name} flows`,
    20_000,
  );

/** Streams of a recording: codec and number of frames that decode without an error. */
async function probe(
  recording: string,
): Promise<Partial<Record<'video' | 'audio', { codec: string; frames: number }>>> {
  const { stdout, stderr } = await promisify(execFile)('ffprobe', [
    ...['-v', 'error', '-count_frames', '-show_entries', 'stream=codec_type,codec_name,nb_read_frames'],
    ...['-of', 'json', recording],
  ]);
  expect(stderr).toBe('');
  const { streams } = JSON.parse(stdout) as {
    streams: { codec_type: string; codec_name: string; nb_read_frames: string }[];
  };
  return Object.fromEntries(
    streams.map((one) => [one.codec_type, { codec: one.codec_name, frames: Number(one.nb_read_frames) }]),
  );
}

describe('ffmpeg', () => {
  it('publishes, and another ffmpeg plays picture and sound', async () => {
    started(ffmpegPublish(url('desk'), 30));
    await flowing('desk');
    const player = started(
      run('ffmpeg', ['-v', 'error', '-i', url('desk'), '-t', '2', '-c', 'copy', file('out.flv')]),
    );
    expect(await within(20_000, 'the end of the player', player.exited)).toBe(0);
    const streams = await probe(file('out.flv'));
    expect(streams).toMatchObject({ video: { codec: 'h264' }, audio: { codec: 'aac' } });
    expect(streams.video!.frames).toBeGreaterThan(30);
    expect(streams.audio!.frames).toBeGreaterThan(60);
    await relay.watch.until(
      // How its connection ends is the player's affair: closed, or reset with pictures still on their way.
      () => relay.events.some((one) => one.startsWith('end of play desk: ')),
      'the end of play',
    );
  });

  it('that ends its stream is heard to end', async () => {
    const publisher = started(ffmpegPublish(url('short'), 1));
    expect(await within(20_000, 'the end of the publisher', publisher.exited)).toBe(0);
    await relay.watch.until(() => relay.events.some((one) => one.startsWith('end short: ')), 'the end');
    expect(relay.logs.filter(({ level }) => level !== 'debug')).toEqual([]);
  });

  it('with a wrong key is refused: it says why and ends with an error', async () => {
    const publisher = started(ffmpegPublish(url('wrong-key'), 30));
    expect(await within(20_000, 'the end of the publisher', publisher.exited)).not.toBe(0);
    expect(publisher.stderr()).toContain('No such stream key.');
    expect(relay.channel('wrong-key').messages).toBe(0);
  });

  it('that plays what it may not is refused and ends with an error', async () => {
    const player = started(run('ffmpeg', ['-v', 'error', '-i', url('wrong-key'), '-f', 'null', '-']));
    expect(await within(20_000, 'the end of the player', player.exited)).not.toBe(0);
    expect(player.stderr()).toContain('No such stream.');
  });

  it('that plays is held over a gap of its publisher and goes on with the next', async () => {
    const first = started(ffmpegPublish(url('desk'), 30));
    await flowing('desk');
    const player = started(
      run('ffmpeg', ['-v', 'error', '-i', url('desk'), '-t', '6', '-c', 'copy', file('out.flv')]),
    );
    await relay.watch.until(() => relay.events.includes('play desk'), 'the player');
    await first.stop();
    await relay.watch.until(() => relay.events.some((one) => one.startsWith('end desk')), 'the gap');
    started(ffmpegPublish(url('desk'), 30));
    await relay.watch.until(
      () => relay.events.filter((one) => one === 'publish desk').length === 2,
      'the next',
      20_000,
    );
    await flowing('desk');
    expect(player.child.exitCode).toBeNull();
    expect(
      relay.viewers[0]!.send({ type: 9, timestampMs: 60_000, payload: Buffer.from('5700', 'hex') }),
    ).toBe(true);
  });

  it('acknowledges: its backlog stays below two windows', async () => {
    started(ffmpegPublish(url('desk'), 30, '640x480'));
    await flowing('desk');
    started(run('ffmpeg', ['-v', 'error', '-i', url('desk'), '-t', '20', '-f', 'null', '-']));
    await relay.watch.until(() => relay.viewers.length === 1, 'the player', 20_000);
    const at = relay.channel('desk').messages;
    let largest = 0;
    await relay.watch.until(
      () => {
        largest = Math.max(largest, relay.viewers[0]!.backlogBytes);
        return relay.channel('desk').messages > at + 200;
      },
      '200 messages',
      20_000,
    );
    expect(largest).toBeLessThan(4 * 65536);
    await relay.watch.until(() => relay.viewers[0]!.backlogBytes < 2 * 65536, 'acknowledgements');
  });
});

describe('GStreamer', () => {
  it('rtmp2sink publishes and rtmp2src plays', async () => {
    started(
      run('gst-launch-1.0', [
        ...[
          '-q',
          'videotestsrc',
          'is-live=true',
          'num-buffers=900',
          '!',
          'video/x-raw,width=320,height=240,framerate=30/1',
        ],
        ...['!', 'x264enc', 'tune=zerolatency', 'key-int-max=15', '!', 'flvmux', 'streamable=true', '!'],
        ...['rtmp2sink', `location=${url('gst')}`],
      ]),
    );
    await flowing('gst');
    const player = started(
      run('gst-launch-1.0', [
        '-q',
        'rtmp2src',
        `location=${url('gst')}`,
        'num-buffers=60',
        '!',
        'filesink',
        `location=${file('gst.flv')}`,
      ]),
    );
    expect(await within(20_000, 'the end of the player', player.exited)).toBe(0);
    expect((await probe(file('gst.flv'))).video!.frames).toBeGreaterThan(30);
  });

  it('rtmp2sink with a wrong key is refused and ends with an error', async () => {
    const publisher = started(
      run('gst-launch-1.0', [
        ...[
          '-q',
          'videotestsrc',
          'is-live=true',
          '!',
          'x264enc',
          'tune=zerolatency',
          '!',
          'flvmux',
          'streamable=true',
        ],
        ...['!', 'rtmp2sink', `location=${url('wrong-key')}`],
      ]),
    );
    expect(await within(20_000, 'the end of the publisher', publisher.exited)).not.toBe(0);
    expect(relay.channel('wrong-key').messages).toBe(0);
  });
});

describe('librtmp', () => {
  it('rtmpdump plays and acknowledges', async () => {
    started(ffmpegPublish(url('desk'), 30, '640x480'));
    await flowing('desk');
    const player = started(
      run('rtmpdump', ['-q', '-v', '-r', url('desk'), '-B', '3', '-o', file('dump.flv')]),
    );
    await relay.watch.until(() => relay.viewers.length === 1, 'the player', 20_000);
    await relay.watch.until(() => relay.channel('desk').messages > 250, 'some seconds', 20_000);
    expect(relay.viewers[0]!.backlogBytes).toBeLessThan(4 * 65536);
    player.child.kill('SIGINT');
    await within(20_000, 'the end of the player', player.exited);
    expect((await probe(file('dump.flv'))).video!.frames).toBeGreaterThan(30);
  });
});

describe('our own client', () => {
  it('plays what ffmpeg publishes, and ffmpeg plays what it publishes', async () => {
    started(ffmpegPublish(url('in'), 30));
    await flowing('in');
    const player = await connectRtmp({ url: url('in') });
    const publisher = await connectRtmp({ url: url('out') });
    const relayed = { keyFrames: 0 };
    player.onMedia((message) => {
      publisher.send(message);
      if (message.type === 9 && parseVideoTag(message.payload)?.keyFrame === true) relayed.keyFrames++;
    });
    await publisher.publish();
    await player.play();
    await flowing('out');
    const ffmpeg = started(
      run('ffmpeg', ['-v', 'error', '-i', url('out'), '-t', '1', '-c', 'copy', file('out.flv')]),
    );
    expect(await within(20_000, 'the end of the player', ffmpeg.exited)).toBe(0);
    expect((await probe(file('out.flv'))).video!.frames).toBeGreaterThan(10);
    expect(relayed.keyFrames).toBeGreaterThan(0);
    void player.dispose();
    void publisher.dispose();
  });
});
