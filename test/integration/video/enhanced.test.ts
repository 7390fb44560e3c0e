import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectRtmp, type RtmpClient } from '../../../electron/video/rtmp/client.ts';
import { VIDEO } from '../../../electron/video/rtmp/types.ts';
import { desired, ingest, until, VideoRig } from '../../support/video-rig.ts';

let rig: VideoRig;
beforeEach(async () => {
  rig = await VideoRig.start();
});
afterEach(() => rig.dispose());

const GOP = 15;

interface Clip {
  readonly fourCc: string;
  /** hvcC or av1C. */
  readonly configuration: Buffer;
  readonly pictures: readonly Buffer[];
}

/** One picture per fragment of an MP4: what is in each `mdat` is what Enhanced RTMP carries. */
function encode(fourCc: 'hvc1' | 'av01', colour: string, size: string): Clip {
  const codec =
    fourCc === 'hvc1'
      ? [
          '-c:v',
          'libx265',
          '-preset',
          'ultrafast',
          '-x265-params',
          `keyint=${GOP}:min-keyint=${GOP}:bframes=0:log-level=none:pools=1`,
          '-tag:v',
          'hvc1',
        ]
      : [
          '-c:v',
          'libaom-av1',
          '-cpu-used',
          '8',
          '-usage',
          'realtime',
          '-lag-in-frames',
          '0',
          '-g',
          String(GOP),
          '-threads',
          '1',
        ];
  const mp4 = execFileSync('ffmpeg', [
    ...[
      '-hide_banner',
      '-loglevel',
      'error',
      '-nostdin',
      '-f',
      'lavfi',
      '-i',
      `color=c=${colour}:size=${size}:rate=15`,
      '-t',
      '3',
    ],
    ...[
      '-pix_fmt',
      'yuv420p',
      ...codec,
      '-movflags',
      'empty_moov+frag_every_frame+default_base_moof',
      '-f',
      'mp4',
      'pipe:1',
    ],
  ]);
  const pictures: Buffer[] = [];
  for (let at = 0; at + 8 <= mp4.length; at += mp4.readUInt32BE(at))
    if (mp4.toString('latin1', at + 4, at + 8) === 'mdat')
      pictures.push(mp4.subarray(at + 8, at + mp4.readUInt32BE(at)));
  const box = mp4.indexOf(fourCc === 'hvc1' ? 'hvcC' : 'av1C');
  return { fourCc, configuration: mp4.subarray(box + 4, box - 4 + mp4.readUInt32BE(box - 4)), pictures };
}

/** Publishes a clip again and again in real time, as an Enhanced RTMP encoder does. */
class EnhancedPublisher {
  readonly #client: RtmpClient;
  #timer: NodeJS.Timeout | undefined;
  #startMs = performance.now();

  private constructor(client: RtmpClient) {
    this.#client = client;
  }

  static async connect(url: string): Promise<EnhancedPublisher> {
    const client = await connectRtmp({ url });
    await client.publish();
    return new EnhancedPublisher(client);
  }

  play({ fourCc, configuration, pictures }: Clip): void {
    clearInterval(this.#timer);
    this.#send(0x90, fourCc, configuration); // key frame, SequenceStart
    let index = 0;
    this.#timer = setInterval(() => {
      const first = index % pictures.length;
      // 3: CodedFramesX; frame type 1 or 2
      this.#send(first % GOP === 0 ? 0x93 : 0xa3, fourCc, pictures[first]!);
      index++;
    }, 1000 / 15);
  }

  dispose(): void {
    clearInterval(this.#timer);
    void this.#client.dispose();
  }

  #send(head: number, fourCc: string, body: Buffer): void {
    const payload = Buffer.concat([Buffer.of(head), Buffer.from(fourCc), body]);
    this.#client.send({ type: VIDEO, timestampMs: Math.round(performance.now() - this.#startMs), payload });
  }
}

describe('a publisher of Enhanced RTMP', () => {
  it('is seen in HEVC, then in another size, then in AV1, on one connection', async () => {
    rig.plane.apply(desired([ingest('ingest:a', 'key')], 'ingest:a'));
    const publisher = rig.owned.add(await EnhancedPublisher.connect(`${rig.url}/live/key`));
    publisher.play(encode('hvc1', 'red', '640x360'));
    const desk = await rig.play('gadget/desk?token=secret');
    await desk.untilColour('red', 20_000);
    publisher.play(encode('hvc1', 'blue', '320x180'));
    await desk.untilColour('blue', 20_000);
    publisher.play(encode('av01', 'red', '320x180'));
    await desk.untilColour('red', 20_000);
    expect(desk.client.ended).toBe(false);
    expect(rig.plane.status.outputs['desk.webcam']).toEqual({ state: 'live' });
  });

  it('reaches a program, which plays H.264 whatever is published', async () => {
    rig.plane.apply(desired([ingest('ingest:a', 'key')], null, { program: 'ingest:a' }));
    const publisher = rig.owned.add(await EnhancedPublisher.connect(`${rig.url}/live/key`));
    publisher.play(encode('hvc1', 'red', '320x180'));
    const client = rig.owned.add(await connectRtmp({ url: `${rig.url}/program/recorder` }));
    let avc = 0;
    client.onMedia(({ type, payload }) => {
      if (type === VIDEO && (payload[0]! & 0x8f) === 7) avc++;
    });
    await client.play();
    await until('it is live', () => rig.plane.status.outputs['program:recorder']!.state === 'live', 20_000);
    await until('pictures', () => avc > 20, 20_000);
  });
});
