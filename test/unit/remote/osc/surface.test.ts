import { expect, test } from 'vitest';
import { parsePacket } from '../../../../electron/remote/osc/packet.ts';
import { Surface } from '../../../../electron/remote/osc/surface.ts';

const read = (packets: readonly Buffer[]) =>
  packets.flatMap((packet) => parsePacket(packet)).map(({ address, args }) => [address, args[0]]);

test('a surface is told what changed, once', () => {
  const surface = new Surface();
  surface.want(
    new Map([
      ['/a', 1],
      ['/b', 2],
    ]),
  );
  expect(read(surface.take(0))).toEqual([
    ['/a', 1],
    ['/b', 2],
  ]);
  surface.want(
    new Map([
      ['/a', 1],
      ['/b', 3],
    ]),
  );
  expect(read(surface.take(0))).toEqual([['/b', 3]]);
  expect([surface.isWaiting, read(surface.take(0))]).toEqual([false, []]);
});

test('what changed twice meanwhile is told once, as it is now', () => {
  const surface = new Surface();
  surface.want(new Map([['/a', 1]]));
  surface.want(new Map([['/a', 2]]));
  expect(read(surface.take(0))).toEqual([['/a', 2]]);
});

test('a fader under a hand is left alone, and then told where it ended up', () => {
  const surface = new Surface();
  surface.touch('/fader', 1000);
  surface.want(
    new Map([
      ['/fader', 0.5],
      ['/gain', -12],
    ]),
  );
  expect(read(surface.take(1050))).toEqual([['/gain', -12]]);
  surface.touch('/fader', 1200);
  expect(read(surface.take(1400))).toEqual([]);
  expect(surface.isWaiting).toBe(true);
  expect(read(surface.take(1500))).toEqual([['/fader', 0.5]]);
});

test('much is told in packets that fit a frame, a few at once', () => {
  const surface = new Surface();
  const values = new Map(Array.from({ length: 2000 }, (_, n) => [`/crosspoint/channel/mic:${n}/mute`, n]));
  surface.want(values);
  const seen: unknown[] = [];
  for (let turn = 0; surface.isWaiting; turn++) {
    const packets = surface.take(turn);
    expect(packets.length).toBeLessThanOrEqual(8);
    for (const packet of packets) expect(packet.length).toBeLessThanOrEqual(1400);
    seen.push(...read(packets));
  }
  expect(seen).toEqual([...values]);
});

test('one that subscribes again is told everything again; what is gone is forgotten', () => {
  const surface = new Surface();
  surface.want(
    new Map([
      ['/a', 1],
      ['/b', 1],
    ]),
  );
  surface.take(0);
  surface.want(new Map([['/a', 1]]));
  surface.tellAll();
  expect(read(surface.take(0))).toEqual([['/a', 1]]);
});
