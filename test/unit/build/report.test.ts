import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  closingLine,
  countLines,
  countPlaywright,
  countStep,
  countVitest,
  NOTHING,
  readReport,
  sum,
} from '../../../build/report.mjs';

const file = (...statuses: string[]) => ({
  status: statuses.includes('failed') ? 'failed' : 'passed',
  assertionResults: statuses.map((status) => ({ status, fullName: `it ${status}` })),
});

describe("vitest's report", () => {
  it('counts each test', () => {
    expect(countVitest({ testResults: [file('passed', 'passed'), file('failed', 'passed')] })).toMatchObject({
      passed: 3,
      failed: 1,
      skipped: 0,
    });
  });
  it('counts a file that could not be loaded as failed', () => {
    expect(countVitest({ testResults: [{ status: 'failed', assertionResults: [] }] })).toMatchObject({
      failed: 1,
    });
  });
  it('says at the end which tests failed, and why, in a line each', () => {
    const failureMessages = ['AssertionError: expected \u001B[31m1\u001B[39m\n  to be 2'];
    expect(
      countVitest({
        testResults: [
          {
            status: 'failed',
            assertionResults: [{ status: 'failed', fullName: 'it adds', failureMessages }],
          },
          { status: 'failed', name: 'a.test.ts', message: 'no such module', assertionResults: [] },
        ],
      }).notes,
    ).toEqual(['failed: it adds: AssertionError: expected 1 to be 2', 'failed: a.test.ts: no such module']);
  });
  it.each(['pending', 'skipped', 'todo'])(
    'a test that is %s has failed: nothing is skipped silently',
    (status) => {
      expect(countVitest({ testResults: [file('passed', status)] })).toMatchObject({
        passed: 1,
        failed: 1,
        notes: [expect.stringContaining(`it ${status}`)],
      });
    },
  );
});

describe("Playwright's report", () => {
  const report = (skips: (string | undefined)[], stats = {}) => ({
    errors: [],
    stats: { expected: 2, unexpected: 0, flaky: 0, ...stats },
    suites: [
      {
        suites: [
          {
            specs: skips.map((description) => ({
              title: 'opens',
              tests: [
                {
                  status: 'skipped',
                  annotations: [{ type: 'skip', ...(description === undefined ? {} : { description }) }],
                },
              ],
            })),
          },
        ],
      },
    ],
  });

  it("allows one reason to skip, and tells it: Electron's runtime is not there", () => {
    expect(countPlaywright(report(['Electron runtime not available']))).toEqual({
      passed: 2,
      failed: 0,
      skipped: 1,
      notes: ['skipped: Electron runtime not available (opens)'],
    });
  });
  it.each([['chromium is missing'], [undefined]])('counts any other skip as failed: %s', (reason) => {
    expect(countPlaywright(report([reason]))).toMatchObject({ failed: 1, skipped: 0 });
  });
  it('says at the end which tests failed, and why', () => {
    const test = (status: string, message?: string) => ({
      status,
      annotations: [],
      results: [{}, ...(message === undefined ? [] : [{ error: { message } }])],
    });
    const specs = [
      { title: 'opens', tests: [test('expected')] },
      { title: 'closes', tests: [test('unexpected', 'Error: not\n  closed')] },
      { title: 'moves', tests: [test('flaky')] },
    ];
    expect(
      countPlaywright({ ...report([], { unexpected: 1, flaky: 1 }), suites: [{ suites: [{ specs }] }] })
        .notes,
    ).toEqual(['failed: closes: Error: not closed', 'failed: moves']);
  });
  it('counts what passes at the second try, and errors outside of tests, as failed', () => {
    expect(countPlaywright({ ...report([], { unexpected: 1, flaky: 1 }), errors: [{}] })).toMatchObject({
      passed: 2,
      failed: 3,
    });
  });
});

describe('a program of ours', () => {
  it('is counted by the last line that says so', () => {
    expect(countLines('== a\n5 passed, 0 failed\n== all\n12 passed, 1 failed\nmake: done\n')).toMatchObject({
      passed: 12,
      failed: 1,
    });
  });
  it('that says nothing is one check', () => {
    expect(countLines('all is well\n')).toBeNull();
  });
});

describe('a step', () => {
  it('without a report is one check', () => {
    expect(countStep({ name: 'types', exitCode: 0, count: null })).toMatchObject({ passed: 1, failed: 0 });
    expect(countStep({ name: 'types', exitCode: 2, count: null })).toMatchObject({ passed: 0, failed: 1 });
  });
  it('that ends badly has failed even when each of its tests passed', () => {
    expect(countStep({ name: 'unit', exitCode: 1, count: { ...NOTHING, passed: 9 } })).toMatchObject({
      passed: 9,
      failed: 1,
    });
    expect(countStep({ name: 'unit', exitCode: 1, count: { ...NOTHING, failed: 2 } })).toMatchObject({
      failed: 2,
    });
  });

  describe('whose report', () => {
    let folder: string;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'crosspoint-report-'));
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    it('is missing or broken has failed', () => {
      expect(readReport('vitest', join(folder, 'absent.json'))).toMatchObject({ passed: 0, failed: 1 });
      writeFileSync(join(folder, 'broken.json'), '{"testResults":');
      expect(readReport('vitest', join(folder, 'broken.json'))).toMatchObject({ passed: 0, failed: 1 });
    });
    it('is there is counted', () => {
      writeFileSync(join(folder, 'unit.json'), JSON.stringify({ testResults: [file('passed')] }));
      expect(readReport('vitest', join(folder, 'unit.json'))).toMatchObject({ passed: 1, failed: 0 });
    });
  });
});

it('the closing line names what was skipped only when something was', () => {
  const counts = [
    { passed: 3, failed: 0, skipped: 0, notes: [] },
    { passed: 4, failed: 1, skipped: 1, notes: ['x'] },
  ];
  expect(counts.map(closingLine)).toEqual(['3 passed, 0 failed', '4 passed, 1 failed, 1 skipped']);
  expect(closingLine(counts.reduce(sum, NOTHING))).toBe('7 passed, 1 failed, 1 skipped');
});
