import { execFile } from 'node:child_process';

const WATCHER = 'org.kde.StatusNotifierWatcher';
const BUS = 'org.freedesktop.DBus';

/** Each asks the session bus whether somebody owns the watcher's name; which of them is installed differs. */
const QUESTIONS: readonly (readonly [string, readonly string[]])[] = [
  ['busctl', ['--user', 'call', BUS, '/org/freedesktop/DBus', BUS, 'NameHasOwner', 's', WATCHER]],
  [
    'gdbus',
    ['call', '--session', '--dest', BUS, '--object-path', '/', '--method', `${BUS}.NameHasOwner`, WATCHER],
  ],
  [
    'dbus-send',
    ['--session', '--print-reply', `--dest=${BUS}`, '/', `${BUS}.NameHasOwner`, `string:${WATCHER}`],
  ],
];

/** Runs a program; null when it is not there or fails. */
export type Ask = (program: string, args: readonly string[]) => Promise<string | null>;

const askSystem: Ask = (program, args) =>
  new Promise((resolve) => {
    execFile(program, [...args], { timeout: 1_000, encoding: 'utf8' }, (error, stdout) =>
      resolve(error ? null : stdout),
    );
  });

/**
 * Would anybody see a tray icon (StatusNotifierItem)? Where nobody says yes, the window must not hide in a tray:
 * nothing would bring it back.
 */
export async function hasTrayHost(ask: Ask = askSystem): Promise<boolean> {
  for (const [program, args] of QUESTIONS) {
    const answer = await ask(program, args);
    if (answer !== null) return /\btrue\b/.test(answer);
  }
  return false;
}
