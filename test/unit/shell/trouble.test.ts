import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { silentLogger } from '../../../electron/base/logger.ts';
import { newCrashes } from '../../../electron/shell/crash-dumps.ts';
import { ErrorReports } from '../../../electron/shell/error-reports.ts';
import { RecentLog } from '../../../electron/shell/recent-log.ts';
import { Trouble } from '../../../electron/shell/trouble.ts';
import { electron, electronState, resetElectron } from '../../support/shell-electron.ts';

vi.mock('electron', async () => (await import('../../support/shell-electron.ts')).electron);

let folder: string;
let recent: RecentLog;
let reports: ErrorReports;
let trouble: Trouble;

beforeEach(() => {
  resetElectron();
  folder = mkdtempSync(join(tmpdir(), 'crosspoint-trouble-'));
  electron.app.userData = folder;
  recent = new RecentLog();
  reports = new ErrorReports({
    folder: join(folder, 'reports'),
    version: '1.2.3',
    recent: () => recent.lines,
    secrets: () => ['hush-hush'],
  });
  trouble = new Trouble({
    reports,
    markFile: join(folder, 'reports/.seen'),
    log: recent.watch(silentLogger),
  });
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const newest = (): string => readFileSync(join(reports.folder, reports.names.at(-1)!), 'utf8');

describe('a report', () => {
  it('says what happened, where, and what the log said before', () => {
    recent.watch(silentLogger).child('video').warn('frames are late', { ms: 40 });
    reports.write({ who: 'app', summary: 'It broke.', details: { stack: 'at x.ts:1' } });
    expect(newest()).toMatch(/^It broke\.\n[\s\S]*Crosspoint 1\.2\.3[\s\S]*stack: at x\.ts:1/);
    expect(newest()).toContain('warn video frames are late {"ms":40}');
  });

  it('has no secret, known or not, and is for this user alone', () => {
    recent.watch(silentLogger).info('publisher at rtmp://box/live/abcdef?token=QWERTY', { a: 'hush-hush' });
    const file = reports.write({ who: 'app', summary: 'password=letmein', details: {} });
    expect(newest()).not.toMatch(/QWERTY|hush-hush|letmein/);
    expect(statSync(file!).mode & 0o777).toBe(0o600);
  });

  it('is one of the newest, twenty unless told otherwise', () => {
    const few = new ErrorReports({
      folder: reports.folder,
      version: '1',
      recent: () => [],
      secrets: () => [],
      kept: 3,
    });
    for (let i = 0; i < 5; i++) few.write({ who: 'app', summary: String(i), details: {} });
    expect(reports.names).toHaveLength(3);
    expect(newest()).toMatch(/^4\n/);
  });

  it('of what fails in a loop is written ten times a minute at most', () => {
    for (let i = 0; i < 50; i++) reports.write({ who: 'app', summary: 'again', details: {} });
    expect(reports.names).toHaveLength(10);
  });

  it('that cannot be written is not one more error', () => {
    writeFileSync(join(folder, 'file'), '');
    const nowhere = new ErrorReports({
      folder: join(folder, 'file'),
      version: '1',
      recent: () => [],
      secrets: () => [],
    });
    expect(nowhere.write({ who: 'app', summary: 'x', details: {} })).toBeNull();
  });
});

it('the log is remembered up to a limit, and said all the same', () => {
  const error = vi.fn();
  const log = recent.watch({ ...silentLogger, error });
  for (let i = 0; i < 300; i++) log.error(`line ${i}`, { n: i });
  expect(error).toHaveBeenCalledTimes(300);
  expect(recent.lines).toHaveLength(200);
  expect(recent.lines.at(-1)).toContain('line 299');
  log.info('x'.repeat(100_000));
  expect(recent.lines.at(-1)?.length).toBe(2000);
});

describe('an error that nobody caught', () => {
  it('is reported and told, with a way on', async () => {
    electronState.answers.push('Go on');
    trouble.appError(new Error('boom'));
    await vi.waitFor(() => expect(electronState.questions).toHaveLength(1));
    expect(electronState.questions[0]).toMatchObject({
      message: 'Something went wrong inside of Crosspoint',
      buttons: ['Go on', 'Start anew', 'Show the report'],
    });
    expect(newest()).toMatch(/^An error inside of Crosspoint: boom\n[\s\S]*stack: Error: boom/);
    expect(electron.app.relaunches).toEqual([]);
  });

  it('is told once, however many there are while the box is open', () => {
    for (let i = 0; i < 5; i++) trouble.appError(new Error(String(i)));
    expect(electronState.questions).toHaveLength(1);
    expect(reports.names).toHaveLength(5);
  });

  it('before Electron is ready is reported alone: a box would end the app', () => {
    electron.app.isReadyNow = false;
    trouble.appError('early');
    expect(electronState.questions).toEqual([]);
    expect(reports.names).toHaveLength(1);
  });

  it('may start the app anew, an AppImage by its own file', async () => {
    const quit = vi.spyOn(electron.app, 'quit');
    vi.stubEnv('APPIMAGE', '/home/a/Crosspoint.AppImage');
    electronState.answers.push('Start anew');
    trouble.appError(new Error('boom'));
    await vi.waitFor(() => expect(quit).toHaveBeenCalledOnce());
    expect(electron.app.relaunches).toMatchObject([{ execPath: '/home/a/Crosspoint.AppImage' }]);
  });
});

describe('other processes of Chromium', () => {
  beforeEach(() => trouble.start());
  const gone = (reason: string) =>
    electron.app.emit('child-process-gone', {}, { type: 'GPU', reason, exitCode: 139, name: 'gpu' });

  it('that die are reported, not told: they come back by themselves', () => {
    gone('crashed');
    expect(newest()).toMatch(/^A process of the window has died: GPU \(crashed\)/);
    expect(electronState.questions).toEqual([]);
  });

  it('that end as they should are no crash', () => {
    gone('clean-exit');
    expect(reports.names).toEqual([]);
  });
});

describe('dumps of crashes', () => {
  const dump = (name: string, time: Date) => {
    const file = join(folder, 'Crashpad/completed', name);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, '');
    utimesSync(file, time, time);
  };

  it('stay on this machine', () => {
    trouble.start();
    expect(electronState.crashReporter).toEqual({ uploadToServer: false });
  });

  it('of the last time are told at the start, once', async () => {
    dump('a.dmp', new Date(Date.now() - 60_000));
    electronState.answers.push('Show the report', 'Go on');
    trouble.tellLastTime();
    await vi.waitFor(() => expect(electronState.questions).toHaveLength(2));
    expect(electronState.questions[0]?.message).toBe('Crosspoint crashed last time');
    expect(electronState.opened).toEqual([join(folder, 'Crashpad')]);
    trouble.tellLastTime();
    expect(electronState.questions).toHaveLength(2);
  });

  it('are counted since the last look', () => {
    const mark = join(folder, 'reports/.seen');
    const crashes = () => newCrashes(join(folder, 'Crashpad'), mark);
    expect(crashes()).toBe(0);
    dump('a.dmp', new Date(Date.now() + 1_000));
    dump('b.dmp', new Date(Date.now() + 1_000));
    dump('settings.dat', new Date(Date.now() + 1_000));
    expect(crashes()).toBe(2);
  });
});
