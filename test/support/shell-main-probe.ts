/**
 * In the place of the `electron` module under the built `out/main.mjs`, in a process of its own: lets it start, tries what
 * a page could try, says as JSON what came of it, and quits. Made for test/integration/start/electron-main.test.ts, which
 * exports its members by their names.
 */
import { getHeapSpaceStatistics } from 'node:v8';
import { electron, electronState } from './shell-electron.ts';

const folder = process.env.CROSSPOINT_PROBE_DIR ?? '';
electron.app.userData = folder;
electron.app.isPackaged = true;
electron.app.on('exited', (code: number) => process.exit(code));

const session = () =>
  electron.session.defaultSession as unknown as Record<string, (...args: unknown[]) => unknown> & {
    handlers: Map<string, (request: Request) => Promise<Response>>;
  };

async function page(url: string, init?: RequestInit): Promise<unknown> {
  const response = await session().handlers.get('app')?.(new Request(url, init));
  return response && { status: response.status, headers: Object.fromEntries(response.headers) };
}

/** Does the session let a request go out? */
const passes = (url: string): unknown => {
  let answer: unknown;
  session().beforeRequest?.({ url }, (decision: { cancel: boolean }) => (answer = !decision.cancel));
  return answer;
};
const grants = (permission: string, requestingUrl: string): unknown => {
  let answer: unknown;
  session().permissionRequest?.({}, permission, (decision: boolean) => (answer = decision), {
    requestingUrl,
  });
  return answer;
};

/** How much room V8 has for young objects once there were many of them. */
function youngBytes(): number {
  let kept: unknown[] = [];
  for (let count = 0; count < 2e6; count++) {
    kept.push({ count });
    if (kept.length > 50_000) kept = [];
  }
  return getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')?.space_size ?? 0;
}

async function probe(): Promise<void> {
  const [window] = electronState.windows;
  const contents = window?.webContents;
  const refused = (event: string): boolean => {
    let prevented = false;
    contents?.emit(event, { preventDefault: () => (prevented = true), url: 'https://example.org/' });
    return prevented;
  };
  const ask = (sender: unknown, frame: unknown, commands: unknown): unknown =>
    electron.ipcMain.handlers.get('crosspoint:commands')?.({ sender, senderFrame: frame }, commands);
  const own = contents?.mainFrame;
  const rename = [{ type: 'scene.save', name: 'probe' }];
  const found = {
    webPreferences: window?.options.webPreferences,
    loaded: window?.loaded,
    everyPageSandboxed: electron.app.sandboxed,
    schemes: electronState.schemes,
    crashReporter: electronState.crashReporter,
    youngBytes: youngBytes(),
    start: await page('app://crosspoint/'),
    escape: await page('app://crosspoint/%2e%2e/%2e%2e/package.json'),
    otherHost: await page('app://elsewhere/'),
    post: await page('app://crosspoint/', { method: 'POST' }),
    network: [
      'https://example.org/',
      'http://127.0.0.1:7788/',
      'file:///etc/passwd',
      'app://crosspoint/x',
    ].map(passes),
    permissions: ['media', 'geolocation', 'notifications', 'clipboard-read', 'clipboard-sanitized-write'].map(
      (permission) => grants(permission, 'app://crosspoint/'),
    ),
    foreignPermission: grants('clipboard-sanitized-write', 'https://example.org/'),
    devices: session().devicePermission?.({}),
    navigation: ['will-navigate', 'will-frame-navigate', 'will-redirect', 'will-attach-webview'].map(refused),
    window: contents?.openHandler?.({ url: 'https://example.org/' }),
    channels: [...electron.ipcMain.handlers.keys(), ...electron.ipcMain.eventNames()].sort(),
    commands: {
      own: await ask(contents, own, rename),
      malformed: await ask(contents, own, [{ type: 'scene.save', name: 'x', more: 1 }]),
      foreignWindow: await ask({}, own, rename),
      frame: await ask(contents, { url: own?.url, parent: own }, rename),
      otherPage: await ask(contents, { url: 'https://example.org/', parent: null }, rename),
      noFrame: await ask(contents, null, rename),
    },
  };
  process.stdout.write(`${JSON.stringify(found)}\n`);
  electron.app.quit();
}

/** The window is the last thing that the start makes. */
const timer = setInterval(() => {
  if (electronState.windows[0]?.visible !== true) return;
  clearInterval(timer);
  probe().catch((error: unknown) => {
    process.stderr.write(String(error));
    process.exit(3);
  });
}, 20);

export { electron };
