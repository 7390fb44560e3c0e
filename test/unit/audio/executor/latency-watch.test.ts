import { expect, it } from 'vitest';
import { LatencyWatch } from '../../../../electron/audio/executor/latency-watch.ts';
import { type Mixer } from '../../../../electron/audio/graph/mixers.ts';
import { type PulseClient } from '../../../../electron/audio/pulse/index.ts';

/** What is built anew after three looks at a path that is late and that nobody hears. */
function rebuilt(mixer: Mixer): { ids: number[]; late: boolean | undefined } {
  const ids: number[] = [];
  const watch = new LatencyWatch({} as unknown as PulseClient, (paths) => ids.push(...paths));
  const reading = { path: 7, mixer, source: 'room', latencyMs: 45, baseMs: 10, delayMs: 0, muted: true };
  for (let look = 0; look < 3; look++) watch.note(new Map([['a', reading]]), look * 1500);
  const { late } = watch.latencies.get('a') ?? {};
  watch.dispose();
  return { ids, late };
}

it('has a loopback that is late built anew when nobody speaks on it', () =>
  expect(rebuilt('loopbacks')).toEqual({ ids: [7], late: true }));

it('leaves a path of our own mixer alone, which comes back by itself', () =>
  expect(rebuilt('own')).toEqual({ ids: [], late: true }));
