import { CrosspointError } from '../contract/index.ts';
import { type SshSession } from './ssh/index.ts';

const LAST_LINES = 100;
/** One line for people has no more than this. */
const LINE_LENGTH = 2_000;

/** Journal of the gadget's services, as it grows. Members of adm may read it; others need sudo. */
const SCRIPT = `
set -- journalctl -q --no-pager -o short-iso -n ${LAST_LINES} -f -u 'crosspoint-*'
case " $(id -Gn) $(id -un) " in
  *' adm '* | *' systemd-journal '* | *' root '*) exec "$@" ;;
  *) exec sudo -n "$@" ;;
esac
`;

/** Resolves when the Pi ends it. @throws SshError; the signal's reason when it is aborted */
export async function followLog(
  connect: (signal: AbortSignal) => Promise<SshSession>,
  signal: AbortSignal,
  onLines: (lines: readonly string[]) => void,
): Promise<void> {
  const session = await connect(signal);
  let rest = '';
  try {
    const { code, stderr } = await session.exec(SCRIPT, {
      deadlineMs: 0,
      signal,
      onStdout: (text) => {
        const lines = (rest + text).split('\n');
        rest = (lines.pop() ?? '').slice(-LINE_LENGTH);
        if (lines.length > 0) onLines(lines.map(clean));
      },
    });
    if (code !== 0 && stderr !== '')
      throw new CrosspointError('unavailable', `The log of the Pi cannot be read: ${clean(stderr.trim())}`, {
        hint: 'Put the user into the group adm there.',
      });
  } finally {
    session.dispose();
  }
}

/** Nothing that would move a terminal's cursor. */
const clean = (line: string): string => line.replace(/\p{Cc}/gu, ' ').slice(0, LINE_LENGTH);
