import { flavourOf } from '../../audio/executor/mirror.ts';
import { moduleArguments, type PulseClient } from '../../audio/pulse/index.ts';
import { type Disposable } from '../../base/disposable.ts';
import { type Logger } from '../../base/logger.ts';
import { type SoundConnector, SoundSession } from './sound-session.ts';
import { LoopReader, PCM, toneLoop } from './tones.ts';

export interface DemoSoundOptions {
  readonly log: Logger;
  readonly connect: SoundConnector;
}

/** PulseAudio names; the engine makes `mic:demo-tone` and `speaker:demo-speaker` of them. */
const MICROPHONE = 'demo_tone';
const SPEAKER = 'demo_speaker';
/** Carries the tone into the microphone. Its name begins like our own buses, so it is no speaker of the user's. */
const FEED = 'crosspoint.demo.feed';
const TONE = toneLoop({ frequenciesHz: [1000], peakDb: -20 });

/** A speaker that nobody hears and a microphone with a steady 1 kHz tone at −20 dBFS. */
export class DemoSound implements Disposable {
  readonly #session: SoundSession;

  constructor({ log, connect }: DemoSoundOptions) {
    this.#session = new SoundSession({
      log,
      name: 'demo sound',
      connect,
      run: async (client, parts) => {
        await removeLeftovers(client);
        const flavour = flavourOf(await client.serverInfo());
        const load = async (name: string, values: Parameters<typeof moduleArguments>[0]): Promise<void> => {
          const index = await client.loadModule(name, moduleArguments(values, flavour));
          parts.defer(() => client.unloadModule(index).catch(() => undefined));
        };
        // Without it an idle null sink of PulseAudio sleeps for up to 2 s before it hears the first sound.
        const awake = flavour === 'pulseaudio' ? { norewinds: 1 } : {};
        await load('module-null-sink', {
          sink_name: SPEAKER,
          ...awake,
          sink_properties: { 'device.description': 'Demo speaker' },
        });
        await load('module-null-sink', {
          sink_name: FEED,
          ...awake,
          sink_properties: { 'device.description': 'Demo tone feed' },
        });
        await load('module-remap-source', {
          source_name: MICROPHONE,
          master: `${FEED}.monitor`,
          source_properties: { 'device.description': 'Demo tone' },
        });
        const tone = new LoopReader(TONE);
        const stream = await client.play({
          ...PCM,
          name: 'Demo tone',
          sink: FEED,
          onWritable: (bytes, writable) => tone.feed(bytes, (pcm) => writable.write(pcm)),
        });
        parts.add(stream);
        throw await stream.closed;
      },
    });
  }

  dispose(): Promise<void> {
    return this.#session.dispose();
  }
}

/** What an engine that was killed left behind. */
async function removeLeftovers(client: PulseClient): Promise<void> {
  const modules = await client.modules();
  const own = modules.filter(({ argument }) =>
    [MICROPHONE, SPEAKER, FEED].some((name) => argument.includes(`_name=${name} `)),
  );
  for (const { index } of own.reverse()) await client.unloadModule(index).catch(() => undefined);
}
