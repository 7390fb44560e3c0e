import { type App, type Session, type WebContents } from 'electron';
import { type Logger } from '../base/logger.ts';
import { mayLoad, mayUse } from './policy.ts';

/** Permissions, devices and network: refused but for what policy.ts names. */
export function hardenSession(session: Session, log: Logger): void {
  session.setPermissionRequestHandler((_contents, permission, answer, details) => {
    const allowed = mayUse(permission, details.requestingUrl);
    if (!allowed) log.warn('permission refused', { permission, url: details.requestingUrl });
    answer(allowed);
  });
  session.setPermissionCheckHandler((_contents, permission, origin) => mayUse(permission, `${origin}/`));
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler((_request, answer) => {
    answer({});
  });
  session.webRequest.onBeforeRequest((details, answer) => {
    const cancel = !mayLoad(details.url);
    if (cancel) log.warn('request refused', { url: details.url });
    answer({ cancel });
  });
}

/** No page goes anywhere else, opens a window or embeds another page. */
export function hardenContents(contents: WebContents, log: Logger): void {
  const refuse =
    (what: string) =>
    (event: { preventDefault: () => void }): void => {
      event.preventDefault();
      log.warn('refused', { what });
    };
  contents.on('will-navigate', refuse('navigation'));
  contents.on('will-frame-navigate', refuse('frame navigation'));
  contents.on('will-redirect', refuse('redirect'));
  contents.on('will-attach-webview', refuse('webview'));
  contents.setWindowOpenHandler(({ url }) => {
    log.warn('refused', { what: 'new window', url });
    return { action: 'deny' };
  });
}

/** Every page that is ever made, also one that nobody thought of. Must run before the app is ready. */
export function hardenApp(app: App, log: Logger): void {
  // Whatever its preferences say, and whatever is on the command line.
  app.enableSandbox();
  app.on('web-contents-created', (_event, contents) => hardenContents(contents, log));
  app.on('session-created', (session) => hardenSession(session, log));
}
