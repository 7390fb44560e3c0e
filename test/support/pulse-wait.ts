import { setTimeout as wait } from 'node:timers/promises';

/** Asks again and again, until the answer is neither null nor false, or the deadline fails the test with `what`. */
export async function eventually<T>(
  what: string,
  ask: () => T | Promise<T>,
  deadlineMs = 5000,
  everyMs = 20,
): Promise<NonNullable<Exclude<T, false>>> {
  const until = performance.now() + deadlineMs;
  for (;;) {
    const answer = await ask();
    if (answer !== null && answer !== undefined && answer !== false)
      return answer as NonNullable<Exclude<T, false>>;
    if (performance.now() > until) throw new Error(`${what}: not within ${deadlineMs} ms`);
    await wait(everyMs);
  }
}
