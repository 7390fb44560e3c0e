import { setTimeout as wait } from 'node:timers/promises';
import { eventually } from './pulse-wait.ts';
import { CameraApp, type ClientEvent, type Distribution, parseClient, pidOf, STARVED } from './vpi-gadget.ts';
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
const tripsBetween = (seen: AudioLoop, from: number, to: number): number[] =>
  seen.events.filter((e) => e.event === 'trip' && e.at >= from && e.at < to).map((e) => e.value ?? 0);

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;

/** How fast round trips grow, in ms per second: the median of all pairs' slopes, on which strays weigh nothing. */
function growth(seen: AudioLoop, from: number, to: number): number {
  const trips = seen.events.filter((e) => e.event === 'trip' && e.at >= from && e.at < to);
  const slopes = trips.flatMap((a, i) =>
    trips
      .slice(i + 1)
      .filter((b) => b.at - a.at > (to - from) / 3)
      .map((b) => ((b.value ?? 0) - (a.value ?? 0)) / (b.at - a.at)),
  );
  return median(slopes);
}

const STALL_AT_S = 8;
const STALLED_S = 17;

/** What a stall on the sound's path does to the round trip: medians in ms before it, and from 3 s after its end on. */
export async function stalledLoop(
  client: Client,
  stall: () => Promise<unknown>,
): Promise<{ readonly before: number; readonly after: number }> {
  const running = audioLoop(client, STALLED_S);
  const from = performance.now();
  const seconds = (): number => (performance.now() - from) / 1000;
  await eventually(`${STALL_AT_S} s`, () => seconds() > STALL_AT_S, (STALL_AT_S + 2) * 1000);
  await stall();
  const ended = seconds();
  const seen = await running;
  return {
    before: median(tripsBetween(seen, 3, STALL_AT_S)),
    after: median(tripsBetween(seen, ended + 3, STALLED_S)),
  };
}

/** Stop processes of this machine for half a second. */
export async function pause(pids: readonly number[]): Promise<void> {
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  await wait(500);
  for (const pid of pids) process.kill(pid, 'SIGCONT');
}

/** The same for one of the gadget's services. */
export const pauseService = async (guest: VirtualPi, service: Parameters<typeof pidOf>[1]): Promise<string> =>
  guest.ok(`p=${await pidOf(guest, service)}; kill -STOP $p; sleep 0.5; kill -CONT $p`);

/**
 * The round trip while the client's clock runs `ppm` faster than the Pi's and the box's, for so long: medians in ms at the
 * beginning and the end, and how fast it grew, in ms per second.
 */
export async function driftingLoop(
  client: Client,
  ppm: number,
  seconds: number,
): Promise<{ readonly early: number; readonly late: number; readonly growth: number }> {
  const clock = '/sys/module/dummy_hcd/parameters/iso_ppm';
  await client.guest.ok(`echo ${ppm} > ${clock}`);
  try {
    const seen = await audioLoop(client, seconds);
    return {
      early: median(tripsBetween(seen, 5, seconds * 0.3)),
      late: median(tripsBetween(seen, seconds * 0.75, seconds)),
      growth: growth(seen, seconds / 4, seconds),
    };
  } finally {
    await client.guest.ok(`echo 0 > ${clock}`);
  }
}

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
