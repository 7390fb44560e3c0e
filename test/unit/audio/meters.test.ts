import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type Levels, SourceId } from '../../../electron/contract/index.ts';
import { MeterHub } from '../../../electron/audio/meters.ts';
import { type MixerTap } from '../../../electron/audio/mixer/protocol.ts';
import { type PulseClient } from '../../../electron/audio/pulse/index.ts';

type RecordStreamOptions = Parameters<PulseClient['record']>[0];

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('goes on without a hole when our own mixer takes over from a stream, and back', async () => {
  const streams: RecordStreamOptions[] = [];
  const client = {
    record: (options: RecordStreamOptions) => {
      streams.push(options);
      return Promise.resolve({ dispose: () => undefined, closed: new Promise(() => undefined) });
    },
  } as unknown as PulseClient;
  let tap: MixerTap | null = null;
  const hub = new MeterHub(
    () => ({ source: 'room', channels: 1, tap }),
    () => undefined,
  );
  vi.advanceTimersByTime(1000);
  hub.setClient(client);
  const shown: number[] = [];
  const note = (levels: Levels): void => {
    shown.push(Math.round(Object.values(levels)[0]?.[0] ?? Number.NEGATIVE_INFINITY));
  };
  hub.watch([SourceId.parse('mic:room')], note);
  await vi.advanceTimersByTimeAsync(0);
  const half = Buffer.alloc(4);
  half.writeFloatLE(0.5);
  streams[0]?.onData(half);
  vi.advanceTimersByTime(40);
  expect(shown).toEqual([-6]);

  tap = { of: 'source', device: 'room' };
  vi.advanceTimersByTime(40);
  hub.hearTap(tap, [0.5, 0.5]);
  vi.advanceTimersByTime(40);
  tap = null;
  vi.advanceTimersByTime(80);
  expect(streams).toHaveLength(2);
  expect(shown).toEqual([-6, -6, -6, -6, -6]);

  // What nobody tells anything of any more is silent.
  await vi.advanceTimersByTimeAsync(400);
  expect(shown.at(-1)).toBe(-100);
  hub.dispose();
});
