import { describe, expect, test } from 'vitest';
import { LevelHub, loudest, type MeterReading } from '../../../../renderer/meters/level-hub.ts';

/** A hub whose clock goes by hand. */
function rig(): {
  hub: LevelHub;
  pass: (ms: number) => void;
  pending: () => boolean;
  seen: MeterReading[];
} {
  let now = 0;
  let next: (() => void) | null = null;
  const hub = new LevelHub({
    now: () => now,
    frame: (callback) => {
      next = callback;
    },
  });
  const seen: MeterReading[] = [];
  return {
    hub,
    seen,
    pending: () => next !== null,
    pass(ms) {
      now += ms;
      const callback = next;
      next = null;
      callback?.();
    },
  };
}

const shown = (seen: readonly MeterReading[]): number => loudest(seen.at(-1)!);

describe('a meter', () => {
  test('moves 30 times a second, however often the screen is drawn', () => {
    const { hub, pass, seen } = rig();
    hub.paint('mic:one', (reading) => seen.push(reading));
    hub.take({ 'mic:one': [-12] });
    for (let i = 0; i < 20; i++) pass(15);
    expect(seen.length).toBeLessThanOrEqual(11);
    expect(seen.length).toBeGreaterThan(8);
  });

  test('shows the newest levels of its id, per channel', () => {
    const { hub, pass, seen } = rig();
    hub.paint('mic:one', (reading) => seen.push(reading));
    hub.take({ 'mic:one': [-12, -18], 'mic:two': [-3] });
    pass(32);
    expect(seen.at(-1)!.needles.map(({ db }) => db)).toEqual([-12, -18]);
  });

  test('is blank until something is known', () => {
    const { hub, seen } = rig();
    hub.paint('mic:one', (reading) => seen.push(reading));
    expect(seen).toEqual([{ needles: [] }]);
  });

  test('goes blank when levels stop coming, rather than standing still', () => {
    const { hub, pass, pending, seen } = rig();
    hub.paint('mic:one', (reading) => seen.push(reading));
    hub.take({ 'mic:one': [-12] });
    pass(32);
    pass(300);
    expect(shown(seen)).toBeGreaterThan(-16);
    pass(300);
    expect(seen.at(-1)).toEqual({ needles: [] });
    expect(pending()).toBe(false);
  });

  test('goes blank at once when the connection is lost', () => {
    const { hub, pass, seen } = rig();
    hub.paint('mic:one', (reading) => seen.push(reading));
    hub.take({ 'mic:one': [-12] });
    pass(32);
    hub.reset();
    expect(seen.at(-1)).toEqual({ needles: [] });
  });

  test('is not drawn again while there is silence', () => {
    const { hub, pass, seen } = rig();
    hub.paint('mic:one', (reading) => seen.push(reading));
    for (let i = 0; i < 10; i++) {
      hub.take({ 'mic:one': [-100] });
      pass(32);
    }
    expect(seen.length).toBeLessThanOrEqual(2);
  });

  test('keeps its clip mark until it is cleared', () => {
    const { hub, pass, seen } = rig();
    hub.paint('mic:one', (reading) => seen.push(reading));
    hub.take({ 'mic:one': [0] });
    pass(32);
    hub.take({ 'mic:one': [-30] });
    pass(32);
    expect(seen.at(-1)!.needles[0]?.clipped).toBe(true);
    hub.clearClip('mic:one');
    expect(seen.at(-1)!.needles[0]?.clipped).toBe(false);
  });

  test('that nobody sees costs nothing', () => {
    const { hub, pending } = rig();
    const away = hub.paint('mic:one', () => undefined);
    away();
    hub.take({ 'mic:one': [-3] });
    expect(pending()).toBe(false);
  });

  test('of the other edge is drawn in other frames, as often, and shows the same', () => {
    const { hub, pass, seen } = rig();
    const other: MeterReading[] = [];
    hub.paint('mic:one', (reading) => seen.push(reading), 0);
    hub.paint('mic:one', (reading) => other.push(reading), 1);
    hub.take({ 'mic:one': [-7] });
    const counts = Array.from({ length: 20 }, () => {
      const before = [seen.length, other.length] as const;
      pass(16);
      return [seen.length - before[0], other.length - before[1]] as const;
    });
    expect(counts.filter(([one, two]) => one + two > 1)).toEqual([]);
    expect(seen.length).toBeGreaterThan(8);
    expect(Math.abs(seen.length - other.length)).toBeLessThanOrEqual(1);
    expect(shown(other)).toBe(shown(seen));
    for (let i = 0; i < 20; i++) pass(60);
    expect([seen.at(-1), other.at(-1)]).toEqual([{ needles: [] }, { needles: [] }]);
  });

  test('two views of one level show the same', () => {
    const { hub, pass, seen } = rig();
    const other: MeterReading[] = [];
    hub.paint('mic:one', (reading) => seen.push(reading));
    hub.paint('mic:one', (reading) => other.push(reading));
    hub.take({ 'mic:one': [-7] });
    pass(32);
    expect(other.at(-1)).toEqual(seen.at(-1));
  });
});
