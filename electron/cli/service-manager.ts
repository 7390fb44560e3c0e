import { execFile } from 'node:child_process';

/** How long the service manager may take to listen, in ms. */
const LIMIT_MS = 5_000;

/**
 * Tells systemd that the service is ready (sd_notify(3), `READY=1`), where it waits for that.
 * @returns what to say then. The variable is taken out of the environment at once: a daemon of ours that speaks the same
 *   protocol would speak in our name.
 */
export function serviceManager(
  environment: NodeJS.ProcessEnv = process.env,
  program = 'systemd-notify',
): (status: string) => Promise<void> {
  const socket = environment.NOTIFY_SOCKET;
  delete environment.NOTIFY_SOCKET;
  if (socket === undefined || socket === '') return () => Promise.resolve();
  // Node has no datagram sockets in the file system; systemd's own program speaks for us (`NotifyAccess=all`).
  return (status) =>
    new Promise((resolve, reject) => {
      execFile(
        program,
        ['--ready', `--status=${status}`],
        { env: { ...environment, NOTIFY_SOCKET: socket }, timeout: LIMIT_MS },
        (error) => {
          if (error) reject(new Error(`${program} failed: ${error.message}`, { cause: error }));
          else resolve();
        },
      );
    });
}
