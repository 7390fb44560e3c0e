import { eventually } from './pulse-wait.ts';
import { CameraApp, type ClientEvent, type Distribution, parseClient, STARVED } from './vpi-gadget.ts';
import { finished, type VirtualPi } from './vpi-guest.ts';
import { type Tone } from './vpi-sound.ts';

/** The client computer of a virtual Pi. */
interface Client {
  readonly guest: VirtualPi;
  readonly camera: string;
  readonly card: string;
}

/** What audio-loop.c saw. */
export interface AudioLoop {
  readonly breaks: number;
  readonly silentMs: number;
  readonly playXruns: number;
  readonly captureXruns: number;
  readonly levelDb: number;
  readonly tripMs?: Distribution;
  readonly events: readonly ClientEvent[];
}

/** Play and record at the client for so long, and measure the way round. */
export async function audioLoop({ guest, card }: Client, seconds: number): Promise<AudioLoop> {
  const child = guest.spawn(`audio-loop ${card} ${seconds}`);
  const { stdout, stderr } = await finished(child, 'audio-loop', (seconds + 60) * 1000);
  if (!stdout.includes('pulses')) throw new Error(stderr);
  return parseClient(stdout) as AudioLoop;
}

/** Round trips in ms, of pulses sent in this time (s). */
export const tripsBetween = (seen: AudioLoop, from: number, to: number): number[] =>
  seen.events.filter((e) => e.event === 'trip' && e.at >= from && e.at < to).map((e) => e.value ?? 0);

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;

/** A tone without a gap. */
export const isWhole = (tone: Tone | null): boolean => tone !== null && tone.gapsMs.length === 0;

/** Do it while the webcam streams, too; again while this machine had no time for it. `judged`: it had. */
export async function whileStreaming<T>(
  { guest, camera }: Client,
  seconds: number,
  act: () => Promise<T>,
  good: (result: T) => boolean,
  attempts = 3,
): Promise<{ readonly result: T; readonly judged: boolean }> {
  for (let attempt = 1; ; attempt++) {
    const app = new CameraApp(guest, `-d ${camera} -t ${seconds}`, (seconds + 90) * 1000);
    // Any picture: a busy box makes them smaller, and then they are not numbered.
    await eventually(
      'the client to see a picture',
      () => app.events.some(({ event }) => event === 'picture' || event === 'slate'),
      30_000,
    );
    const result = await act();
    const { starved } = await app.result;
    const judged = starved < STARVED;
    if (good(result) || attempt === attempts) {
      if (!judged && !good(result))
        console.warn('not judged: this machine is too busy for the emulated one', { starved });
      return { result, judged: judged || good(result) };
    }
  }
}
