import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectRtmp, type RtmpClient } from '../../../electron/video/rtmp/client.ts';
import { parseAudioTag } from '../../../electron/video/rtmp/ex-video.ts';
import { AUDIO } from '../../../electron/video/rtmp/types.ts';
import { desired, ingest, machineSlowness, sourceId, until, VideoRig } from '../../support/video-rig.ts';

let rig: VideoRig;
beforeEach(async () => {
  rig = await VideoRig.start();
  rig.plane.apply(desired([INGEST], null, { program: 'ingest:a' }));
});
afterEach(() => rig.dispose());

const INGEST = ingest('ingest:a', 'key');
const RATE = 48_000;
const VIDEO_ARGS = [
  '-c:v',
  'libx264',
  '-preset',
  'ultrafast',
  '-tune',
  'zerolatency',
  '-g',
  '15',
  '-pix_fmt',
  'yuv420p',
];
const withSound = (input: string, ...codec: string[]): string[] => [
  ...['-f', 'lavfi', '-i', input, ...VIDEO_ARGS],
  ...(codec.length > 0 ? codec : ['-c:a', 'aac', '-b:a', '128k']),
];

/** What came, as samples of the left channel from -1 to 1. */
class Ear {
  samples = 0;
  readonly recent: number[] = [];
  heardMs: number | undefined;

  constructor(threshold = 0.02) {
    rig.owned.add(
      rig.plane.listen(sourceId('ingest:a'), (pcm) => {
        const view = new DataView(pcm.buffer, pcm.byteOffset, pcm.byteLength);
        for (let at = 0; at < pcm.byteLength; at += 4) {
          const sample = view.getInt16(at, true) / 32768;
          this.samples++;
          this.recent.push(sample);
          if (Math.abs(sample) > threshold) this.heardMs ??= performance.now();
        }
        this.recent.splice(0, this.recent.length - RATE);
      }),
    );
  }

  /** Level of the last half second in dB, and the frequency by its zero crossings. */
  measure(): { readonly db: number; readonly hz: number } {
    const part = this.recent.slice(-RATE / 2);
    const rms = Math.sqrt(part.reduce((sum, sample) => sum + sample * sample, 0) / part.length);
    const crossings = part.filter((sample, index) => index > 0 && sample >= 0 && part[index - 1]! < 0).length;
    return { db: 20 * Math.log10(rms), hz: crossings * 2 };
  }
}

describe('the sound of an ingest', () => {
  it('comes as PCM at its level while somebody listens, whatever its rate and channels, and again when the publisher returns', async () => {
    const publisher = rig.publish(
      'key',
      'color=c=red:size=320x180:rate=15',
      withSound('sine=frequency=1000:sample_rate=44100'),
    );
    await until('it is published', () => rig.plane.status.sources['ingest:a']?.state === 'online', 15_000);
    expect(rig.running).toBe(0);
    const ear = new Ear();
    await until('a second of it', () => ear.samples > RATE, 15_000);
    // ffmpeg's sine is an eighth of full scale.
    expect(ear.measure().hz).toBeCloseTo(1000, -1);
    expect(ear.measure().db).toBeCloseTo(20 * Math.log10(1 / 8 / Math.SQRT2), 0);
    expect(rig.running).toBe(1);
    await publisher.dispose();
    await until('nothing runs', () => rig.running === 0);
    rig.publish(
      'key',
      'color=c=red:size=320x180:rate=15',
      withSound('sine=frequency=500', '-c:a', 'libmp3lame'),
    );
    const before = ear.samples;
    await until('a second of the next one', () => ear.samples > before + RATE, 15_000);
    expect(ear.measure().hz).toBeCloseTo(500, -1);
    void rig.owned.dispose();
    await until('nobody listens, nothing runs', () => rig.running === 0);
  });

  it('is passed on to players of a program that relays it', async () => {
    rig.publish('key', 'color=c=red:size=320x180:rate=15', withSound('sine=frequency=1000'));
    await until('it is published', () => rig.plane.status.sources['ingest:a']?.width !== undefined, 15_000);
    const player = rig.owned.add(await connectRtmp({ url: `${rig.url}/program/recorder` }));
    const kinds: (string | undefined)[] = [];
    player.onMedia(({ type, payload }) => {
      if (type === AUDIO) kinds.push(parseAudioTag(payload)?.kind);
    });
    await player.play();
    await until('sound', () => kinds.length > 20, 10_000);
    expect(kinds[0]).toBe('sequence-header');
    expect(new Set(kinds.slice(1))).toEqual(new Set(['frame']));
  });
});

/** A second of silence, then a tone, as AAC: what is in each ADTS frame. */
function aac(): { readonly packets: readonly Buffer[]; readonly firstLoud: number } {
  const adts = execFileSync('ffmpeg', [
    ...['-hide_banner', '-loglevel', 'error', '-nostdin', '-f', 'lavfi'],
    ...[
      '-i',
      `aevalsrc='if(gte(t,1),0.5*sin(2*PI*1000*t),0)':s=${RATE}:d=6`,
      '-ac',
      '2',
      '-c:a',
      'aac',
      '-f',
      'adts',
      'pipe:1',
    ],
  ]);
  const packets: Buffer[] = [];
  for (let at = 0; at + 7 <= adts.length;) {
    const size = ((adts[at + 3]! & 3) << 11) | (adts[at + 4]! << 3) | (adts[at + 5]! >> 5);
    packets.push(adts.subarray(at + 7, at + size));
    at += size;
  }
  return { packets, firstLoud: Math.floor(RATE / 1024) };
}

const PACKET_MS = (1024 / RATE) * 1000;

/** Sends packets in real time; those that `lost` says are left out, as on a network that lost them. */
class SoundPublisher {
  readonly #client: RtmpClient;
  readonly sentMs: number[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(client: RtmpClient) {
    this.#client = client;
  }

  static async connect(): Promise<SoundPublisher> {
    const client = await connectRtmp({ url: `${rig.url}/live/key` });
    await client.publish();
    const publisher = new SoundPublisher(client);
    rig.owned.add(publisher);
    // AAC LC, 48 kHz, stereo.
    client.send({ type: AUDIO, timestampMs: 0, payload: Buffer.from([0xaf, 0, 0x11, 0x90]) });
    return publisher;
  }

  play(packets: readonly Buffer[], lost: (index: number) => boolean = () => false): void {
    const startMs = performance.now();
    let index = 0;
    this.#timer = setInterval(() => {
      for (; index < packets.length && performance.now() - startMs >= index * PACKET_MS; index++) {
        this.sentMs[index] = performance.now();
        const payload = Buffer.concat([Buffer.from([0xaf, 1]), packets[index]!]);
        if (!lost(index))
          this.#client.send({ type: AUDIO, timestampMs: Math.round(index * PACKET_MS), payload });
      }
    }, 2);
  }

  dispose(): void {
    clearInterval(this.#timer);
    void this.#client.dispose();
  }
}

describe('the sound decoder', () => {
  it('adds less than 60 ms, and keeps in step with the publisher when some of it is lost', async () => {
    const { packets, firstLoud } = aac();
    const publisher = await SoundPublisher.connect();
    const ear = new Ear(0.1);
    const slowness = await machineSlowness();
    // Half a second is lost in the third one.
    publisher.play(packets, (index) => index > 120 && index <= 143);
    await until('the tone', () => ear.heardMs !== undefined, 10_000);
    const latencyMs = ear.heardMs! - publisher.sentMs[firstLoud]!;
    if (process.env.VIDEO_LOG) console.log('sound latency', latencyMs);
    expect(latencyMs / slowness).toBeLessThan(60);
    await until('all was sent', () => publisher.sentMs.length === packets.length, 10_000);
    const expected = packets.length * 1024;
    await until('as much sound as time has passed', () => ear.samples > expected - 0.1 * RATE, 5000);
    expect(Math.abs(ear.samples - expected)).toBeLessThan(0.1 * RATE);
  }, 30_000);
});
