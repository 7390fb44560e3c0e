import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { silentLogger } from '../../../electron/base/logger.ts';
import { CrosspointError, formatSceneFile } from '../../../electron/contract/index.ts';
import { ErrorReports } from '../../../electron/shell/error-reports.ts';
import { type Host, runApp } from '../../../electron/shell/run-app.ts';
import { Trouble } from '../../../electron/shell/trouble.ts';
import { RIG } from '../../support/engine-model.ts';
import { engineOn } from '../../support/engine-rig.ts';
import {
  electron,
  electronState,
  type FakeTray,
  type FakeWindow,
  resetElectron,
} from '../../support/shell-electron.ts';

vi.mock('electron', async () => (await import('../../support/shell-electron.ts')).electron);
const tray = vi.hoisted(() => ({ host: true }));
vi.mock('../../../electron/shell/tray-host.ts', () => ({ hasTrayHost: () => Promise.resolve(tray.host) }));

let folder: string;
let rig: Awaited<ReturnType<typeof engineOn>>;
let hostDisposed: number;
let reports: ErrorReports;

beforeEach(async () => {
  resetElectron();
  tray.host = true;
  hostDisposed = 0;
  folder = mkdtempSync(join(tmpdir(), 'crosspoint-app-'));
  electron.app.userData = folder;
  reports = new ErrorReports({
    folder: join(folder, 'reports'),
    version: '1.2.3',
    recent: () => ['before'],
    secrets: () => [],
  });
  vi.stubEnv('XDG_CONFIG_HOME', join(folder, 'config'));
  rig = await engineOn(RIG);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rig.dispose();
  rmSync(folder, { recursive: true });
});

const host = (): Host => ({
  engine: rig.engine,
  diagnostics: () => Promise.resolve(new Uint8Array()),
  dispose: () => {
    hostDisposed++;
    return Promise.resolve();
  },
});
const run = (
  options: { hidden?: boolean; files?: readonly string[]; startHost?: () => Promise<Host> } = {},
) =>
  runApp({
    log: silentLogger,
    rendererDir: '/renderer',
    assetsDir: '/assets',
    preload: '/out/preload.cjs',
    trouble: new Trouble({ reports, markFile: join(folder, 'reports/.seen'), log: silentLogger }),
    hidden: options.hidden ?? false,
    files: options.files ?? [],
    startHost: options.startHost ?? (() => Promise.resolve(host())),
  });
const theWindow = (): FakeWindow => electronState.windows[0]!;
const theTray = (): FakeTray => electronState.trays[0]!;
const exited = () => vi.waitFor(() => expect(electron.app.exits).not.toEqual([]));

describe('the start', () => {
  it('opens the one window on its own scheme, isolated and sandboxed', async () => {
    await run();
    expect(electronState.windows).toHaveLength(1);
    expect(theWindow().visible).toBe(true);
    expect(theWindow().loaded).toEqual(['app://crosspoint/']);
    expect(theWindow().options.webPreferences).toMatchObject({
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
    });
    expect(electron.session.defaultSession.handlers.has('app')).toBe(true);
    expect(electronState.applicationMenu).toBeNull();
  });

  it('hidden makes no window, only the tray', async () => {
    await run({ hidden: true });
    expect(electronState.windows).toEqual([]);
    expect(electronState.trays).toHaveLength(1);
  });

  it('hidden shows the window all the same where no desktop shows a tray', async () => {
    tray.host = false;
    await run({ hidden: true });
    expect(theWindow().visible).toBe(true);
  });

  it('a second one shows the window of the first and ends', async () => {
    await run({ hidden: true });
    electron.app.emit('second-instance');
    expect(theWindow().visible).toBe(true);
    expect(electronState.focused).toBe(theWindow());

    electron.app.firstInstance = false;
    const startHost = vi.fn();
    await run({ startHost });
    expect(startHost).not.toHaveBeenCalled();
    expect(electron.app.exits).toEqual([0]);
  });

  it('that fails says why in a box and ends with 1', async () => {
    const error = new CrosspointError('state-locked', 'Another one works here.', { hint: 'Use that one.' });
    await run({ startHost: () => Promise.reject(error) });
    await exited();
    expect(electronState.errorBoxes).toEqual([
      { title: 'Crosspoint cannot start', content: 'Another one works here.\n\nUse that one.' },
    ]);
    expect(electron.app.exits).toEqual([1]);
  });
});

describe('a scene file that the desktop opens', () => {
  const scene = { name: 'Show', routes: [], channels: {} };
  const fileWith = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const names = () => rig.engine.state.config.scenes.map(({ name }) => name);

  it('is added to the scenes, and not recalled', async () => {
    const before = rig.engine.state.config.routes;
    await run({ files: [fileWith('a.crosspoint-scene', formatSceneFile(scene))] });
    expect(names()).toContain('Show');
    expect(rig.engine.state.config.routes).toEqual(before);
  });

  it('comes to the one that runs, which shows its window', async () => {
    await run({ hidden: true });
    const handover = { files: [fileWith('a.crosspoint-scene', formatSceneFile(scene))] };
    electron.app.emit('second-instance', {}, [], folder, handover);
    await vi.waitFor(() => expect(names()).toContain('Show'));
    expect(theWindow().visible).toBe(true);

    electron.app.firstInstance = false;
    await run({ files: handover.files });
    expect(electron.app.handover).toEqual(handover);
  });

  it.each([
    ['is none', 'hello', 'This is not a scene of Crosspoint.'],
    ['is from the future', '{"crosspoint":"scene","version":2}', 'The scene is from a newer Crosspoint.'],
    ['is too big', ' '.repeat(5 * 1024 * 1024), 'The file is too big for a scene.'],
  ])('that %s is refused in a box; the app runs', async (_what, text, reason) => {
    await run({ files: [fileWith('bad.crosspoint-scene', text)] });
    expect(electronState.errorBoxes).toEqual([
      { title: 'bad.crosspoint-scene was not opened', content: reason },
    ]);
    expect(electron.app.exits).toEqual([]);
  });

  it('of a second start that says nonsense is none', async () => {
    await run({ hidden: true });
    for (const handover of [undefined, null, 'x', { files: 'x' }, { files: [1] }])
      electron.app.emit('second-instance', {}, [], folder, handover);
    expect(electronState.errorBoxes).toEqual([]);
    expect(theWindow().visible).toBe(true);
  });
});

describe('quit', () => {
  it('works when the window was never shown', async () => {
    await run({ hidden: true });
    theTray().entry('Quit Crosspoint').click?.();
    await exited();
    expect(electron.app.exits).toEqual([0]);
    expect(hostDisposed).toBe(1);
    expect(theTray().destroyed).toBe(true);
  });

  it('ends engine, tray and window, once, however often it is asked', async () => {
    await run();
    theTray().entry('Quit Crosspoint').click?.();
    electron.app.quit();
    electron.app.quit();
    await exited();
    expect(electron.app.exits).toEqual([0]);
    expect(hostDisposed).toBe(1);
    expect(theWindow().isDestroyed()).toBe(true);
  });

  it('during the start waits for the engine and ends it', async () => {
    let started: (host: Host) => void = () => undefined;
    const running = run({ startHost: () => new Promise((resolve) => (started = resolve)) });
    await vi.waitFor(() => expect(electron.app.listenerCount('before-quit')).toBe(1));
    electron.app.quit();
    started(host());
    await running;
    await exited();
    expect(hostDisposed).toBe(1);
    expect(electronState.windows).toEqual([]);
  });

  it('is forced when the engine hangs', async () => {
    vi.useFakeTimers();
    try {
      await run({
        startHost: () => Promise.resolve({ ...host(), dispose: () => new Promise(() => undefined) }),
      });
      electron.app.quit();
      await vi.advanceTimersByTimeAsync(3_000);
      expect(electron.app.exits).toEqual([1]);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('closing the window', () => {
  it('hides it where there is a tray; the engine goes on', async () => {
    await run();
    theWindow().close();
    await vi.waitFor(() => expect(theWindow().visible).toBe(false));
    expect(theWindow().isDestroyed()).toBe(false);
    expect(electron.app.exits).toEqual([]);
    theTray().entry('Show Crosspoint').click?.();
    expect(theWindow().visible).toBe(true);
    expect(electronState.windows).toHaveLength(1);
  });

  it('ends the app where there is none: nothing would bring it back', async () => {
    tray.host = false;
    await run();
    theWindow().close();
    await exited();
    expect(electron.app.exits).toEqual([0]);
    expect(hostDisposed).toBe(1);
  });

  it('keeps its place for the next start', async () => {
    await run();
    theWindow().close();
    expect(JSON.parse(readFileSync(join(folder, 'window.json'), 'utf8'))).toEqual({
      bounds: { x: 10, y: 20, width: 900, height: 700 },
      maximized: false,
    });
  });
});

describe('a page that dies', () => {
  const die = (times: number) => {
    for (let i = 0; i < times; i++)
      theWindow().webContents.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 11 });
  };

  it('is loaded again, but not for ever: then the person is asked', async () => {
    await run();
    die(4);
    expect(theWindow().webContents.reloads).toBe(3);
    expect(electronState.questions).toMatchObject([
      { message: 'The window has crashed', buttons: ['Reopen', 'Leave it', 'Show the report'] },
    ]);
  });

  it('is opened in a new window when the person asks for it; the engine never stopped', async () => {
    await run();
    electronState.answers.push('Reopen');
    die(4);
    await vi.waitFor(() => expect(electronState.windows).toHaveLength(2));
    expect(theWindow().isDestroyed()).toBe(true);
    expect(electronState.windows[1]?.visible).toBe(true);
    expect(hostDisposed).toBe(0);
  });

  it('leaves a report, which can be looked at before the choice', async () => {
    await run();
    electronState.answers.push('Show the report', 'Leave it');
    die(4);
    await vi.waitFor(() => expect(electronState.questions).toHaveLength(2));
    expect(reports.names).toHaveLength(1);
    expect(electronState.opened).toEqual([join(reports.folder, reports.names[0]!)]);
    expect(electronState.windows).toHaveLength(1);
  });

  it('that ended as it should is no crash', async () => {
    await run();
    theWindow().webContents.emit('render-process-gone', {}, { reason: 'clean-exit', exitCode: 0 });
    expect(theWindow().webContents.reloads).toBe(0);
    expect(reports.names).toEqual([]);
  });
});

it('a page that hangs can be waited for or opened anew', async () => {
  await run();
  electronState.answers.push('Reopen');
  theWindow().emit('unresponsive');
  await vi.waitFor(() => expect(electronState.windows).toHaveLength(2));
});

describe('the tray', () => {
  const nextMenu = (act: () => unknown) =>
    new Promise<void>((resolve) => {
      theTray().once('menu', () => resolve());
      void act();
    });

  it('mutes all microphones, and shows that it is so', async () => {
    await run({ hidden: true });
    expect(theTray().image).toBe('/assets/tray/normal.png');
    expect(theTray().entry('Desk mic')).toMatchObject({ type: 'checkbox', checked: true });
    await nextMenu(theTray().entry('Mute all microphones').click!);
    expect(rig.engine.state.config.sources.find(({ id }) => id === 'mic:desk')?.muted).toBe(true);
    expect(theTray().entry('Desk mic')).toMatchObject({ checked: false });
    expect(theTray().image).toBe('/assets/tray/muted.png');
  });

  it('switches each microphone', async () => {
    await run({ hidden: true });
    await nextMenu(theTray().entry('Desk mic').click!);
    expect(rig.engine.state.config.sources.find(({ id }) => id === 'mic:desk')?.muted).toBe(true);
    await nextMenu(theTray().entry('Desk mic').click!);
    expect(rig.engine.state.config.sources.find(({ id }) => id === 'mic:desk')?.muted).toBe(false);
  });

  it('panics without asking', async () => {
    await run({ hidden: true });
    await nextMenu(theTray().entry('Panic: mute every microphone, blank every webcam').click!);
    const { sources, destinations } = rig.engine.state.config;
    expect(sources.filter(({ kind }) => kind === 'microphone').every(({ muted }) => muted)).toBe(true);
    expect(destinations.filter(({ media }) => media === 'video').every(({ muted }) => muted)).toBe(true);
  });

  it('follows what others do, with one menu for many changes', async () => {
    await run({ hidden: true });
    const before = theTray().menusSet;
    await nextMenu(() =>
      rig.run({ type: 'rename', id: 'mic:desk', name: 'R&D' }, { type: 'mute', id: 'mic:desk' }),
    );
    expect(theTray().entry('R&&D')).toMatchObject({ checked: false });
    expect(theTray().menusSet).toBe(before + 1);
  });

  it('puts a checkbox right again when its command fails', async () => {
    await run({ hidden: true });
    await rig.engine.dispose();
    await nextMenu(theTray().entry('Desk mic').click!);
    expect(theTray().entry('Desk mic')).toMatchObject({ checked: true });
  });

  it('shows the reports of errors, when there are any', async () => {
    await run({ hidden: true });
    expect(theTray().menu.some(({ label }) => label?.includes('error report'))).toBe(false);
    reports.write({ who: 'app', summary: 'x', details: {} });
    await nextMenu(() => rig.run({ type: 'mute', id: 'mic:desk' }));
    theTray().entry('Show 1 error report').click?.();
    await vi.waitFor(() => expect(electronState.opened).toEqual([reports.folder]));
  });

  it('switches the start with the desktop', async () => {
    const file = join(folder, 'config/autostart/crosspoint.desktop');
    await run({ hidden: true });
    await nextMenu(theTray().entry('Start with the desktop').click!);
    expect(readFileSync(file, 'utf8')).toMatch(/^Exec=.* \/opt\/crosspoint --hidden$/m);
    expect(theTray().entry('Start with the desktop').checked).toBe(true);
    await nextMenu(theTray().entry('Start with the desktop').click!);
    expect(existsSync(file)).toBe(false);
  });
});
