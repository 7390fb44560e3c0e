import { describe, expect, it } from 'vitest';
import { Failures } from '../../../../electron/audio/executor/failures.ts';
import { Slots } from '../../../../electron/audio/executor/slots.ts';

describe('failures', () => {
  it('are tried again after growing waits, and forgotten after a success', () => {
    const failures = new Failures();
    failures.failed('a', 'broken', 0);
    expect(failures.reasons.get('a')).toBe('broken');
    expect(failures.nextRetryMs(0)).toBe(250);
    expect([...failures.waiting(100)]).toEqual(['a']);
    expect([...failures.waiting(300)]).toEqual([]);
    failures.failed('a', 'still broken', 300);
    expect(failures.nextRetryMs(300)).toBe(500);
    for (let i = 0; i < 10; i++) failures.failed('a', 'still broken', 300);
    expect(failures.nextRetryMs(300)).toBe(10_000);
    failures.succeeded('a');
    expect(failures.reasons.size).toBe(0);
    failures.failed('a', 'again', 0);
    expect(failures.nextRetryMs(0)).toBe(250);
  });

  it('of what is not wanted any more are forgotten', () => {
    const failures = new Failures();
    failures.failed('a', 'x', 0);
    failures.failed('b', 'x', 0);
    failures.keepOnly(new Set(['b']));
    expect([...failures.reasons.keys()]).toEqual(['b']);
  });
});

describe('slots', () => {
  it('let so many jobs run at once, in order, whether they fail or not', async () => {
    const slots = new Slots(2);
    let running = 0;
    let most = 0;
    const order: number[] = [];
    const job = (number: number) => async () => {
      most = Math.max(most, ++running);
      order.push(number);
      await Promise.resolve();
      running--;
      if (number % 2) throw new Error('no');
    };
    await Promise.allSettled([1, 2, 3, 4, 5].map((number) => slots.run(job(number))));
    expect(most).toBe(2);
    expect(order).toEqual([1, 2, 3, 4, 5]);
  });
});
