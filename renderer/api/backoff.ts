const FIRST_MS = 250;
const LONGEST_MS = 5000;

/** Waiting time before try number `attempt` (1, 2, …): doubling, bounded, spread so that browsers do not march in step. */
export function retryDelayMs(attempt: number, random: () => number = Math.random): number {
  const base = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, attempt - 1));
  return Math.round(base * (0.75 + random() * 0.5));
}
