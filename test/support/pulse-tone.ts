import {
  type PulseClient,
  type PlaybackStream,
  type RecordStream,
} from '../../electron/audio/pulse/index.ts';

const RATE_HZ = 48_000;

export interface Tone {
  /** Plays on until it is disposed. */
  /** Notes on its stream that others can read. */
  setProperties(properties: Readonly<Record<string, string>>): Promise<void>;
  dispose(): Promise<void>;
}

/** Plays a sine to a sink: peak level in dBFS. Half a second is sent ahead, so that a busy machine does not tear it. */
export async function playTone(
  client: PulseClient,
  sink: string,
  { hz = 1000, dbfs = -12, targetMs = 500 }: { hz?: number; dbfs?: number; targetMs?: number } = {},
): Promise<Tone> {
  const amplitude = 10 ** (dbfs / 20);
  let frame = 0;
  const stream: PlaybackStream = await client.play({
    name: 'tone',
    sink,
    format: 'float32le',
    channels: 2,
    rateHz: RATE_HZ,
    targetMs,
    onWritable: (bytes, out) => {
      const pcm = Buffer.allocUnsafe(bytes);
      for (let at = 0; at < bytes; at += 8, frame++) {
        const value = amplitude * Math.sin((2 * Math.PI * hz * frame) / RATE_HZ);
        pcm.writeFloatLE(value, at);
        pcm.writeFloatLE(value, at + 4);
      }
      out.write(pcm);
    },
  });
  return {
    setProperties: (properties) => stream.setProperties(properties),
    dispose: () => stream.dispose(),
  };
}

/** Sound of one source as samples (the mean of left and right), from the moment of the call on. */
export class Listener {
  #stream: RecordStream | null = null;
  #chunks: Float32Array[] = [];
  #length = 0;
  readonly #waiting = new Set<() => void>();

  static async open(client: PulseClient, source: string): Promise<Listener> {
    const listener = new Listener();
    listener.#stream = await client.record({
      name: 'listener',
      source,
      format: 'float32le',
      channels: 2,
      rateHz: RATE_HZ,
      fragmentMs: 5,
      onData: (pcm) => listener.#take(pcm),
    });
    return listener;
  }

  #take(pcm: Buffer): void {
    const mono = new Float32Array(pcm.length / 8);
    for (let i = 0; i < mono.length; i++) mono[i] = (pcm.readFloatLE(i * 8) + pcm.readFloatLE(i * 8 + 4)) / 2;
    this.#chunks.push(mono);
    this.#length += mono.length;
    for (const wake of [...this.#waiting]) wake();
  }

  /** Forgets what was heard so far. */
  reset(): void {
    this.#chunks = [];
    this.#length = 0;
  }

  /** The next `ms` of sound. */
  async hear(ms: number, deadlineMs = ms + 5000): Promise<Float32Array> {
    this.reset();
    const wanted = Math.round((RATE_HZ * ms) / 1000);
    const until = performance.now() + deadlineMs;
    while (this.#length < wanted) {
      const left = until - performance.now();
      if (left <= 0)
        throw new Error(`heard only ${Math.round((this.#length / RATE_HZ) * 1000)} ms of ${ms} ms`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(finish, left);
        const waiting = this.#waiting;
        function finish(): void {
          clearTimeout(timer);
          waiting.delete(finish);
          resolve();
        }
        waiting.add(finish);
      });
    }
    return this.heard().subarray(0, wanted);
  }

  /** Everything since `reset`. */
  heard(): Float32Array {
    const all = new Float32Array(this.#length);
    let at = 0;
    for (const chunk of this.#chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    return all;
  }

  async dispose(): Promise<void> {
    await this.#stream?.dispose();
  }
}

export interface Measured {
  /** Level of the tone as its peak, in dBFS; −120 for silence. */
  readonly dbfs: number;
  /** The strongest frequency, within 2 Hz. */
  readonly hz: number;
  /** Level of everything but the tone, as a peak-equivalent of its power, in dBFS. */
  readonly residueDbfs: number;
}

const toDb = (amplitude: number): number => (amplitude < 1e-6 ? -120 : 20 * Math.log10(amplitude));

/** Amplitude of one frequency (Hann window). */
function amplitudeAt(samples: Float32Array, hz: number): number {
  let real = 0;
  let imaginary = 0;
  let weight = 0;
  for (let i = 0; i < samples.length; i++) {
    const window = 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / (samples.length - 1));
    const phase = (2 * Math.PI * hz * i) / RATE_HZ;
    real += samples[i]! * window * Math.cos(phase);
    imaginary += samples[i]! * window * Math.sin(phase);
    weight += window;
  }
  return (2 * Math.hypot(real, imaginary)) / weight;
}

/**
 * The largest jump in a sine of about `hz`, relative to a sine of `dbfs`, in dB: a steady sine follows from its last
 * two samples, so clicks and the edges of gaps stand out. About −60 for clean sound.
 */
export function jumpDb(samples: Float32Array, dbfs: number, hz = 1000): number {
  const turn = 2 * Math.cos((2 * Math.PI * hz) / RATE_HZ);
  let worst = 0;
  for (let i = 2; i < samples.length; i++)
    worst = Math.max(worst, Math.abs(samples[i]! - turn * samples[i - 1]! + samples[i - 2]!));
  return toDb(worst) - dbfs;
}

/** The same, relative to the sine that is heard. */
export const discontinuityDb = (samples: Float32Array, hz = 1000): number =>
  jumpDb(samples, measure(samples.subarray(0, Math.min(samples.length, 9600)), hz).dbfs, hz);

/** Level and frequency of the strongest tone around `nearHz`. */
export function measure(samples: Float32Array, nearHz = 1000): Measured {
  let best = { hz: nearHz, amplitude: 0 };
  const stepHz = RATE_HZ / samples.length / 2;
  for (let hz = nearHz * 0.9; hz <= nearHz * 1.1; hz += Math.max(1, stepHz)) {
    const amplitude = amplitudeAt(samples, hz);
    if (amplitude > best.amplitude) best = { hz, amplitude };
  }
  let power = 0;
  for (const sample of samples) power += sample * sample;
  power /= samples.length || 1;
  const residue = Math.sqrt(Math.max(0, 2 * power - best.amplitude ** 2));
  return { dbfs: toDb(best.amplitude), hz: best.hz, residueDbfs: toDb(residue) };
}

/** Listens to a source for `ms` and measures. */
export async function measureSource(
  client: PulseClient,
  source: string,
  ms = 200,
  nearHz = 1000,
): Promise<Measured> {
  const listener = await Listener.open(client, source);
  try {
    return measure(await listener.hear(ms), nearHz);
  } finally {
    await listener.dispose();
  }
}

/** A microphone (a source that is no monitor) that hears whatever is played to the sink `<name>-feed`. */
export async function makeMicrophone(
  client: PulseClient,
  name: string,
  description = name,
): Promise<{ feed: string; modules: number[] }> {
  const feed = `${name}-feed`;
  const described = (text: string): string => `"device.description='${text}'"`;
  const rewinds = (await client.serverInfo()).name.includes('PipeWire') ? '' : 'norewinds=1';
  const sink = await client.loadModule(
    'module-null-sink',
    `sink_name=${feed} rate=48000 channels=2 ${rewinds} sink_properties=${described(`${description} feed`)}`,
  );
  const source = await client.loadModule(
    'module-remap-source',
    `source_name=${name} master=${feed}.monitor source_properties=${described(description)}`,
  );
  return { feed, modules: [sink, source] };
}

/** A loudspeaker that nobody hears but its monitor. */
export async function makeSpeaker(client: PulseClient, name: string, description = name): Promise<number> {
  const rewinds = (await client.serverInfo()).name.includes('PipeWire') ? '' : 'norewinds=1';
  return client.loadModule(
    'module-null-sink',
    `sink_name=${name} rate=48000 channels=2 ${rewinds} sink_properties="device.description='${description}'"`,
  );
}
