import { type PulseClient, rawOfDb } from '../../electron/audio/pulse/index.ts';
import { makeMicrophone, makeSpeaker, playTone, type Tone } from './pulse-tone.ts';

const RATE_HZ = 48_000;

/**
 * A room: what its speaker `hall` plays comes back into its microphone `room` later and quieter, with whatever is said
 * there. The way through the air is a loopback of the server, so that a busy test does not tear it.
 */
export interface TestRoom {
  /** A steady tone of somebody in the room. */
  say(tone: { readonly hz: number; readonly dbfs: number }): Promise<Tone>;
}

export async function makeRoom(
  client: PulseClient,
  { delayMs = 50, attenuationDb = -6 }: { delayMs?: number; attenuationDb?: number } = {},
): Promise<TestRoom> {
  await makeSpeaker(client, 'hall');
  const { feed } = await makeMicrophone(client, 'room');
  const pipewire = (await client.serverInfo()).name.includes('PipeWire');
  const air = await client.loadModule(
    'module-loopback',
    [
      `source=hall.monitor sink=${feed} latency_msec=${delayMs} source_dont_move=true sink_dont_move=true`,
      // Air has one clock: the loopback must not bend time to follow another.
      pipewire ? '' : `adjust_time=1000 max_latency_msec=${delayMs}`,
      `sink_input_properties="media.name='air' module-stream-restore.id='air'"`,
    ].join(' '),
  );
  for (let input; !input;) {
    input = (await client.sinkInputs()).find(({ module }) => module === air);
    if (input)
      await client.setSinkInputVolume(
        input.index,
        input.volumes.map(() => rawOfDb(attenuationDb)),
      );
  }
  return { say: ({ hz, dbfs }) => playTone(client, feed, { hz, dbfs }) };
}

/** Noise like speech: syllables of 100 to 400 ms, some of them pauses. Half a second is sent ahead. */
export async function playSpeech(
  client: PulseClient,
  sink: string,
  level = 0.5,
): Promise<Pick<Tone, 'dispose'>> {
  let left = 0;
  let loud = 0;
  let smooth = 0;
  let seed = 12_345;
  const random = (): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed / 2 ** 32;
  };
  const stream = await client.play({
    name: 'speech',
    sink,
    format: 'float32le',
    channels: 2,
    rateHz: RATE_HZ,
    targetMs: 500,
    onWritable: (bytes, out) => {
      const pcm = Buffer.allocUnsafe(bytes);
      for (let at = 0; at < bytes; at += 8) {
        if (left-- <= 0) {
          left = Math.round(RATE_HZ * (0.1 + 0.3 * random()));
          loud = random() < 0.2 ? 0 : level * (0.4 + 0.6 * random());
        }
        smooth += 0.25 * (random() * 2 - 1 - smooth);
        pcm.writeFloatLE(smooth * loud, at);
        pcm.writeFloatLE(smooth * loud, at + 4);
      }
      out.write(pcm);
    },
  });
  return { dispose: () => stream.dispose() };
}
