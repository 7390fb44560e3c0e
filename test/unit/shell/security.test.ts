import { beforeEach, describe, expect, it, vi } from 'vitest';
import { silentLogger } from '../../../electron/base/logger.ts';
import { hardenApp, hardenSession } from '../../../electron/shell/security.ts';
import { webPreferences } from '../../../electron/shell/window.ts';
import { electron, FakeContents, resetElectron } from '../../support/shell-electron.ts';

vi.mock('electron', async () => (await import('../../support/shell-electron.ts')).electron);

beforeEach(resetElectron);

describe('every page of the app', () => {
  const contents = () => {
    hardenApp(electron.app as never, silentLogger);
    const page = new FakeContents();
    electron.app.emit('web-contents-created', {}, page);
    return page;
  };

  it.each(['will-navigate', 'will-frame-navigate', 'will-redirect', 'will-attach-webview'])(
    'cannot leave or embed: %s is refused',
    (event) => {
      const preventDefault = vi.fn();
      contents().emit(event, { preventDefault, url: 'https://example.org/' });
      expect(preventDefault).toHaveBeenCalledOnce();
    },
  );

  it('cannot open a window', () => {
    expect(contents().openHandler?.({ url: 'https://example.org/' })).toEqual({ action: 'deny' });
  });
});

describe('the session', () => {
  const session = () => {
    hardenSession(electron.session.defaultSession as never, silentLogger);
    return electron.session.defaultSession as unknown as Record<
      'permissionRequest' | 'permissionCheck' | 'devicePermission' | 'displayMedia' | 'beforeRequest',
      (...args: unknown[]) => unknown
    >;
  };

  it('refuses permissions, when asked and when checked', () => {
    const answer = vi.fn();
    session().permissionRequest({}, 'media', answer, { requestingUrl: 'app://crosspoint/' });
    expect(answer).toHaveBeenCalledExactlyOnceWith(false);
    expect(session().permissionCheck({}, 'geolocation', 'app://crosspoint')).toBe(false);
    expect(session().devicePermission({})).toBe(false);
  });

  it('lets the own page copy into the clipboard', () => {
    const answer = vi.fn();
    session().permissionRequest({}, 'clipboard-sanitized-write', answer, {
      requestingUrl: 'app://crosspoint/',
    });
    expect(answer).toHaveBeenCalledExactlyOnceWith(true);
    expect(session().permissionCheck({}, 'clipboard-sanitized-write', 'app://crosspoint')).toBe(true);
    expect(session().permissionCheck({}, 'clipboard-sanitized-write', 'https://example.org')).toBe(false);
  });

  it('cancels requests to the network and lets its own files through', () => {
    const answer = vi.fn();
    session().beforeRequest({ url: 'https://example.org/' }, answer);
    session().beforeRequest({ url: 'app://crosspoint/main.js' }, answer);
    expect(answer.mock.calls).toEqual([[{ cancel: true }], [{ cancel: false }]]);
  });

  it('shares no screen', () => {
    const answer = vi.fn();
    session().displayMedia({}, answer);
    expect(answer).toHaveBeenCalledExactlyOnceWith({});
  });
});

it('a window is isolated, sandboxed and without Node', () => {
  expect(webPreferences('/preload.cjs', false)).toMatchObject({
    preload: '/preload.cjs',
    devTools: false,
    contextIsolation: true,
    sandbox: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    webviewTag: false,
    navigateOnDragDrop: false,
  });
});
