#!/usr/bin/env node
// `npm test` and its parts: sets up, runs every step whatever fails before it, and counts.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { OUT } from './build.mjs';
import { NOTHING, closingLine, countLines, countStep, readReport, sum } from './report.mjs';
import { ROOT, say, setUp } from './setup.mjs';

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {string} group what `--only` calls it
 * @property {(extra: readonly string[]) => readonly string[]} command
 * @property {'npm' | 'test' | 'packages' | 'virtual-pi'} needs what must be set up for it
 * @property {boolean} [asRoot] what it prepares is made as root: others are told that it does not run
 * @property {boolean} [onDemand] runs only when it is asked for by `--only`
 * @property {number} limitMinutes it is ended after that, and has failed
 * @property {string} [lane] runs beside those that follow, after those of the same lane: it waits most of the time, or leaves a core to them
 * @property {boolean} [alone] begins when all lanes are empty
 * @property {'vitest' | 'playwright' | 'lines'} [report] `lines`: it says `N passed, N failed` at the end
 */

const REPORTS = join(OUT, 'reports');
const bin = (/** @type {string} */ path) => [process.execPath, join(ROOT, 'node_modules', path)];

/** @param {string} name of its report @param {readonly string[]} which tests */
const vitestCommand = (name, which) => (/** @type {readonly string[]} */ extra) => [
  ...bin('vitest/vitest.mjs'),
  ...['run', ...which, '--reporter=default', '--reporter=json'],
  `--outputFile.json=${join(REPORTS, `${name}.json`)}`,
  ...extra,
];

/** @param {string} project @param {number} limitMinutes @returns {Step} */
const vitest = (project, limitMinutes) => ({
  name: project,
  group: project,
  // A filter for one project may fit nothing of another.
  command: vitestCommand(project, ['--project', project, '--passWithNoTests']),
  needs: project === 'unit' ? 'npm' : 'test',
  limitMinutes,
  report: 'vitest',
});

/** @param {string} name @param {string} group @param {readonly string[]} files none: all @param {number} limitMinutes @returns {Step} */
const virtualPi = (name, group, files, limitMinutes) => ({
  name,
  group,
  command: vitestCommand(name, ['--config', 'test/virtual-pi/vitest.config.ts', ...files]),
  needs: 'virtual-pi',
  limitMinutes,
  report: 'vitest',
});

/** @param {string} name @param {readonly string[]} command @returns {Step} */
const check = (name, command) => ({
  name,
  group: 'check',
  command: () => command,
  needs: 'npm',
  limitMinutes: 5,
});

/** @type {Step} */
const build = {
  name: 'build',
  group: 'build',
  command: () => [process.execPath, join(ROOT, 'build/build.mjs')],
  needs: 'npm',
  limitMinutes: 5,
};

/** The tests of programs in C. @param {string} name @param {string} folder of native @returns {Step} */
const native = (name, folder) => ({
  name,
  group: folder,
  command: () => ['make', '-C', join(ROOT, 'native', folder), 'test'],
  needs: 'test',
  limitMinutes: 10,
  report: 'lines',
});

/** @type {readonly Step[]} */
const STEPS = [
  build,
  // Beside others, on a slow machine, it takes several times as long as alone.
  {
    ...check('lint', [...bin('eslint/bin/eslint.js'), '--max-warnings=0', '.']),
    limitMinutes: 12,
    lane: 'lint',
  },
  { ...vitest('gadgets', 20), group: 'integration', lane: 'gadgets' },
  { ...vitest('packages', 15), group: 'integration', lane: 'gadgets' },
  check('types', [...bin('typescript/bin/tsc'), '--noEmit']),
  check('layers', [
    ...bin('dependency-cruiser/bin/dependency-cruise.mjs'),
    ...['--config', '.dependency-cruiser.cjs', 'electron', 'renderer'],
  ]),
  check('formatting', [...bin('prettier/bin/prettier.cjs'), '--check', '--log-level=warn', '.']),
  check('dead code', [...bin('knip/bin/knip.js'), '--no-progress']),
  {
    name: 'shell scripts',
    group: 'shell',
    command: () => ['shellcheck', ...shellScripts(['.ci', 'build', 'native', 'test'])],
    needs: 'test',
    limitMinutes: 2,
  },
  // Sound needs little of a processor, and much time; the checks above leave it none.
  { ...vitest('soak', 10), lane: 'sound' },
  { ...vitest('sound', 20), group: 'integration', lane: 'sound' },
  vitest('unit', 10),
  vitest('integration', 25),
  { ...vitest('drill', 40), alone: true },
  {
    name: 'e2e',
    alone: true,
    group: 'e2e',
    command: (extra) => [...bin('@playwright/test/cli.js'), 'test', ...extra],
    needs: 'test',
    limitMinutes: 20,
    report: 'playwright',
  },
  native('gadget programs', 'gadget'),
  native('mixer', 'mixer'),
  // Alone and at the end: an emulated machine needs all of this one. Its image is built at the first time.
  {
    ...virtualPi('virtual-pi short', 'virtual-pi-short', ['box-essentials'], 15),
    asRoot: true,
    alone: true,
  },
  { ...virtualPi('virtual-pi', 'virtual-pi', [], 90), onDemand: true },
  {
    name: 'packages in clean systems',
    group: 'packages',
    command: vitestCommand('packages in clean systems', ['--config', 'test/packages/vitest.config.ts']),
    needs: 'packages',
    limitMinutes: 30,
    report: 'vitest',
    // A Debian is made, and hundreds of packages are fetched for it.
    onDemand: true,
  },
];

/** @param {readonly string[]} folders @returns {string[]} by their name or their first line */
function shellScripts(folders) {
  const files = folders
    .filter((folder) => existsSync(join(ROOT, folder)))
    .flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && !entry.parentPath.includes('node_modules'))
        .map((entry) => join(entry.parentPath, entry.name)),
    );
  return files.filter(
    (file) => file.endsWith('.sh') || /^#!.*\b(ba|da)?sh\b/.test(readFileSync(file, 'latin1').slice(0, 80)),
  );
}

/** The groups of processes of the steps that run. @type {Set<number>} */
const running = new Set();
/** @param {NodeJS.Signals} signal @param {Iterable<number>} [groups] */
const signalRunning = (signal, groups = running) => {
  for (const group of groups)
    try {
      process.kill(-group, signal);
    } catch {
      // It has just ended.
    }
};
const life = { interrupted: false };
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
  process.on(signal, () => {
    life.interrupted = true;
    signalRunning('SIGTERM');
    setTimeout(() => signalRunning('SIGKILL'), 5_000).unref();
  });

/**
 * @param {Step} step
 * @param {readonly string[]} extra
 * @returns {Promise<{ exitCode: number, said: string }>} `said`: the end of its output, where that is its report
 */
function run(step, extra) {
  const [program = '', ...args] = step.command(extra);
  return new Promise((resolve) => {
    // A group of its own, so that a step which hangs is ended with everything that it started.
    const child = spawn(program, args, {
      cwd: ROOT,
      stdio: step.lane
        ? ['ignore', 'pipe', 'pipe']
        : ['ignore', step.report === 'lines' ? 'pipe' : 'inherit', 'inherit'],
      detached: true,
    });
    /** @type {readonly number[]} */ const group = child.pid === undefined ? [] : [child.pid];
    for (const pid of group) running.add(pid);
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (/** @type {Buffer} */ data) => {
        // What runs beside the others is shown when it has ended.
        if (!step.lane) process.stdout.write(data);
        said = (said + data.toString()).slice(step.lane ? -65_536 : -4_096);
      });
    const limit = setTimeout(() => {
      say(`${step.name} takes longer than ${step.limitMinutes} minutes: ended`);
      signalRunning('SIGTERM', group);
      setTimeout(() => signalRunning('SIGKILL', group), 5_000).unref();
    }, step.limitMinutes * 60_000);
    child.once('error', (error) => {
      say(`${step.name}: ${error.message}`);
      clearTimeout(limit);
      resolve({ exitCode: 127, said });
    });
    child.once('close', (code, signal) => {
      clearTimeout(limit);
      // Whatever of its group is left has been forgotten by the step.
      signalRunning('SIGKILL', group);
      for (const pid of group) running.delete(pid);
      resolve({ exitCode: code ?? (signal ? 1 : 0), said });
    });
  });
}

const root = process.getuid?.() === 0;
const [flag, only, ...rest] = process.argv.slice(2);
const selected = flag === '--only' ? only : undefined;
const extra = flag === '--only' ? rest : process.argv.slice(2);
const wanted = STEPS.filter((step) =>
  selected === undefined ? !step.onDemand && (!step.asRoot || root) : step.group === selected,
);
if (selected === undefined && !root)
  for (const { name } of STEPS.filter((step) => step.asRoot)) say(`${name}: runs as root only`);
if (wanted.length === 0) {
  say(
    `usage: node build/test.mjs [--only ${[...new Set(STEPS.map((step) => step.group))].join('|')}] [arguments]`,
  );
  process.exit(2);
}
// Tests with real parts run what is built.
const steps = ['integration', 'drill', 'e2e', 'packages', 'virtual-pi', 'virtual-pi-short'].includes(
  selected ?? '',
)
  ? [build, ...wanted]
  : wanted;

const needs = /** @type {const} */ (['virtual-pi', 'packages', 'test']).find((purpose) =>
  steps.some((step) => step.needs === purpose),
);
if (!setUp(needs ?? 'npm')) process.exit(1);
mkdirSync(REPORTS, { recursive: true });

let total = NOTHING;
/** @type {string[]} */ const table = [];
/** @param {Step} step */
const heading = (step) => say(`\n── ${step.name} ${'─'.repeat(Math.max(0, 60 - step.name.length))}`);

/** Run a step and read what it reports. @param {Step} step */
async function carryOut(step) {
  const file = join(REPORTS, `${step.name}.json`);
  if (step.report) rmSync(file, { force: true });
  const start = performance.now();
  const { exitCode, said } = await run(step, step.report ? extra : []);
  const seconds = (performance.now() - start) / 1000;
  const count = countStep({
    name: step.name,
    exitCode,
    count: step.report === 'lines' ? countLines(said) : step.report ? readReport(step.report, file) : null,
  });
  return { step, said, seconds, count };
}

/** @param {Awaited<ReturnType<typeof carryOut>>} outcome */
function note({ step, seconds, count }) {
  total = sum(total, count);
  table.push(
    `  ${count.failed > 0 ? '✗' : '✓'} ${step.name.padEnd(18)} ${seconds.toFixed(1).padStart(6)} s   ${closingLine(count)}`,
  );
}

/** What each lane does last. @type {Map<string, Promise<void>>} */ const lanes = new Map();
/** @type {Awaited<ReturnType<typeof carryOut>>[]} */ const beside = [];
for (const step of steps) {
  if (life.interrupted) break;
  if (step.lane) {
    say(`\n${step.name} runs beside the following`);
    const before = lanes.get(step.lane) ?? Promise.resolve();
    lanes.set(
      step.lane,
      before.then(async () => {
        if (!life.interrupted) beside.push(await carryOut(step));
      }),
    );
  } else {
    if (step.alone) await Promise.all(lanes.values());
    heading(step);
    note(await carryOut(step));
  }
}
await Promise.all(lanes.values());
for (const outcome of beside) {
  heading(outcome.step);
  process.stdout.write(outcome.said);
  note(outcome);
}

say(`\n${table.join('\n')}`);
for (const note of total.notes) say(`  ${note}`);
if (life.interrupted) say('Interrupted.');
console.log(`\n${closingLine(total)}`);
process.exitCode = total.failed > 0 || life.interrupted ? 1 : 0;
