import { expect, test } from 'vitest';
import { LatestSender } from '../../../../renderer/state/latest-sender.ts';

/** Sends that end when they are told to. */
function wire(): { send: (gain: number) => Promise<void>; sent: number[]; end: () => void } {
  const sent: number[] = [];
  const waiting: (() => void)[] = [];
  return {
    sent,
    send: (gain) => {
      sent.push(gain);
      return new Promise((resolve) => waiting.push(resolve));
    },
    end: () => waiting.shift()?.(),
  };
}

test('a moving fader sends one value at a time, leaves out what lies between, and always the last', async () => {
  const { send, sent, end } = wire();
  let idle!: () => void;
  const rested = new Promise<void>((resolve) => (idle = resolve));
  const sender = new LatestSender<number>(send, () => idle(), 0);
  for (let gain = -10; gain <= 0; gain++) sender.push(gain);
  expect(sent).toEqual([-10]);
  end();
  await expect.poll(() => sent).toEqual([-10, 0]);
  end();
  await rested;
  expect(sent).toEqual([-10, 0]);
});

test('it rests between two movements and starts again', async () => {
  const sent: number[] = [];
  let rests = 0;
  const sender = new LatestSender<number>(
    (gain) => {
      sent.push(gain);
      return Promise.resolve();
    },
    () => (rests += 1),
    0,
  );
  sender.push(-1);
  await expect.poll(() => rests).toBe(1);
  sender.push(-2);
  await expect.poll(() => rests).toBe(2);
  expect(sent).toEqual([-1, -2]);
});
