import { delay } from '../../base/time.ts';
import { PeakProbe } from '../peak-probe.ts';
import { type PulseClient } from '../pulse/index.ts';

/** Quieter than this (−50 dBFS) for so long, nobody speaks. */
const QUIET_PEAK = 0.003;
const QUIET_MS = 1500;
const LOOK_MS = 200;
const PROBE_HZ = 50;

/**
 * Waits until none of the sources has been loud for a moment.
 * @param sources PulseAudio names, asked for anew all the time; none: it is quiet at once
 * @throws the signal's reason when it is aborted
 */
export async function untilQuiet(
  client: PulseClient,
  sources: () => ReadonlySet<string>,
  signal: AbortSignal,
): Promise<void> {
  const probes = new Map<string, PeakProbe>();
  let loudAt = performance.now();
  try {
    for (;;) {
      signal.throwIfAborted();
      const wanted = sources();
      if (wanted.size === 0) return;
      for (const [source, probe] of probes)
        if (!wanted.has(source)) {
          probe.dispose();
          probes.delete(source);
        }
      for (const source of wanted) {
        if (probes.has(source)) continue;
        // Who has just been routed may be about to speak.
        loudAt = performance.now();
        probes.set(
          source,
          new PeakProbe({
            client,
            name: 'Crosspoint quiet watch',
            source,
            rateHz: PROBE_HZ,
            onPeak: (peak) => {
              if (peak > QUIET_PEAK) loudAt = performance.now();
            },
          }),
        );
      }
      if (performance.now() - loudAt >= QUIET_MS) return;
      await delay(LOOK_MS, signal);
    }
  } finally {
    for (const probe of probes.values()) probe.dispose();
  }
}
