// Reads what the test runners wrote down, and counts it.
import { existsSync, readFileSync } from 'node:fs';
import { NOT_AVAILABLE } from './host.mjs';

/**
 * @typedef {object} Count
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {readonly string[]} notes what to tell at the end: why something was skipped or does not count
 */

/**
 * The parts that are read of the runners' own formats.
 * @typedef {{ status: string, fullName: string, failureMessages?: readonly string[] }} VitestTest
 * @typedef {{ status: string, name?: string, message?: string, assertionResults: readonly VitestTest[] }} VitestFile
 * @typedef {{ testResults: readonly VitestFile[] }} VitestReport
 * @typedef {{ error?: { message?: string } }} PlaywrightResult
 * @typedef {{ status: string, annotations: readonly { type: string, description?: string }[], results?: readonly PlaywrightResult[] }} PlaywrightTest
 * @typedef {{ suites?: readonly PlaywrightSuite[], specs?: readonly { title: string, tests: readonly PlaywrightTest[] }[] }} PlaywrightSuite
 * @typedef {{ expected: number, unexpected: number, flaky: number }} PlaywrightStats
 * @typedef {{ suites: readonly PlaywrightSuite[], errors: readonly unknown[], stats: PlaywrightStats }} PlaywrightReport
 */

/** @type {Count} */
export const NOTHING = { passed: 0, failed: 0, skipped: 0, notes: [] };

/** @param {Count} a @param {Count} b @returns {Count} */
export const sum = (a, b) => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
  notes: [...a.notes, ...b.notes],
});

/**
 * The only thing that may be missing is Electron's runtime. Whatever else is skipped counts as failed.
 * @param {readonly { title: string, reason: string }[]} skipped
 * @returns {Count}
 */
export function judgeSkipped(skipped) {
  const allowed = skipped.filter(({ reason }) => reason === NOT_AVAILABLE);
  const refused = skipped.filter(({ reason }) => reason !== NOT_AVAILABLE);
  return {
    passed: 0,
    failed: refused.length,
    skipped: allowed.length,
    notes: [
      ...allowed.map(({ title, reason }) => `skipped: ${reason} (${title})`),
      ...refused.map(
        ({ title, reason }) => `failed: skipped without leave (${title})${reason && `: ${reason}`}`,
      ),
    ],
  };
}

/** In one line, for the end of the output: it is all that a service which cuts its logs may keep. @param {string} title @param {string} [message] */
const failure = (title, message = '') =>
  `failed: ${title}${
    message &&
    `: ${message
      .replace(/\u001B\[\d+m/g, '')
      .replace(/\s+/g, ' ')
      .slice(0, 300)}`
  }`;

/** @param {VitestReport} report what vitest's json reporter writes @returns {Count} */
export function countVitest(report) {
  const tests = report.testResults.flatMap((file) => file.assertionResults);
  const skipped = tests.filter((test) => ['pending', 'skipped', 'todo'].includes(test.status));
  // A file that cannot be loaded has failed without a single test in it.
  const broken = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  );
  const failed = tests.filter((test) => test.status === 'failed');
  return sum(
    {
      passed: tests.filter((test) => test.status === 'passed').length,
      failed: failed.length + broken.length,
      skipped: 0,
      notes: [
        ...failed.map((test) => failure(test.fullName, test.failureMessages?.[0])),
        ...broken.map((file) => failure(file.name ?? 'a file of tests', file.message)),
      ],
    },
    judgeSkipped(skipped.map((test) => ({ title: test.fullName, reason: '' }))),
  );
}

/** @param {PlaywrightReport} report what Playwright's json reporter writes @returns {Count} */
export function countPlaywright(report) {
  /** @type {{ title: string, reason: string }[]} */ const skipped = [];
  /** @type {string[]} */ const notes = [];
  /** @param {PlaywrightSuite} suite */
  const visit = (suite) => {
    for (const { title, tests } of suite.specs ?? [])
      for (const test of tests)
        if (test.status === 'skipped')
          skipped.push({
            title,
            reason: test.annotations.find(({ type }) => type === 'skip')?.description ?? '',
          });
        else if (test.status !== 'expected') {
          const message = test.results?.find(({ error }) => error)?.error?.message;
          notes.push(failure(title, message));
        }
    suite.suites?.forEach(visit);
  };
  report.suites.forEach(visit);
  const { expected, unexpected, flaky } = report.stats;
  // What passes only at the second try is broken; errors outside of tests (a broken file) count too.
  const failed = unexpected + flaky + report.errors.length;
  return sum({ passed: expected, failed, skipped: 0, notes }, judgeSkipped(skipped));
}

/** @param {string} said output of a program of ours @returns {Count | null} by its last line `N passed, N failed` */
export function countLines(said) {
  const last = [...said.matchAll(/^(\d+) passed, (\d+) failed/gm)].at(-1);
  return last ? { ...NOTHING, passed: Number(last[1]), failed: Number(last[2]) } : null;
}

/**
 * What a step comes to: its report where it writes one, else one check; a bad exit is never lost.
 * @param {{ name: string, exitCode: number, count: Count | null }} step
 * @returns {Count}
 */
export function countStep({ name, exitCode, count }) {
  if (!count) return exitCode === 0 ? { ...NOTHING, passed: 1 } : { ...NOTHING, failed: 1 };
  if (exitCode !== 0 && count.failed === 0)
    return { ...count, failed: 1, notes: [...count.notes, `failed: ${name} ended with ${exitCode}`] };
  return count;
}

/**
 * @param {'vitest' | 'playwright'} kind @param {string} file
 * @returns {Count} a report that is missing or broken is a failure
 */
export function readReport(kind, file) {
  if (!existsSync(file)) return { ...NOTHING, failed: 1, notes: [`failed: ${file} was not written`] };
  try {
    const report = JSON.parse(readFileSync(file, 'utf8'));
    return kind === 'vitest' ? countVitest(report) : countPlaywright(report);
  } catch (error) {
    return { ...NOTHING, failed: 1, notes: [`failed: ${file} cannot be read: ${String(error)}`] };
  }
}

/** @param {Count} total @returns {string} */
export const closingLine = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
