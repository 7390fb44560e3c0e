import { useCallback, useEffect, useMemo, useState } from 'react';
import { useApp } from '../state/app-context.ts';
import { LatestSender } from '../state/latest-sender.ts';

export type GainTarget = { readonly id: string } | { readonly source: string; readonly destination: string };

/**
 * The gain of a channel or crosspoint under the hand: moves at once, goes to the engine as fast as that is good, and
 * is the engine's again when the hand rests.
 * @returns the gain to show (dB), and how to change it
 */
export function useGain(
  target: GainTarget,
  engineGainDb: number,
  place: string,
): readonly [number, (gainDb: number) => void] {
  const { commander } = useApp();
  const [hand, setHand] = useState<number | null>(null);
  const key = JSON.stringify(target);
  const sender = useMemo(() => {
    const to = JSON.parse(key) as GainTarget;
    return new LatestSender<number>(
      (gain) => commander.run(place, { type: 'setGain', ...to, gain }),
      () => setHand(null),
    );
  }, [commander, key, place]);
  useEffect(() => () => setHand(null), [sender]);
  const change = useCallback(
    (gainDb: number) => {
      setHand(gainDb);
      sender.push(gainDb);
    },
    [sender],
  );
  return [hand ?? engineGainDb, change];
}
