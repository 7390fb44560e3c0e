import { CrosspointError } from '../../../contract/index.ts';
import { lastLine, sh } from '../../ssh/index.ts';
import { type Step } from '../step.ts';

export const restart: Step = {
  id: 'restart',
  title: 'Restart it',
  check: () => Promise.resolve({ done: false, detail: 'The Pi restarts.' }),
  async run({ pi }, report) {
    await pi.restart(report);
    return 'It is back.';
  },
};

const BLINK_S = 10;

export const blink: Step = {
  id: 'blink',
  title: 'Blink its light',
  check: () => Promise.resolve({ done: false, detail: 'Its light blinks.' }),
  async run({ pi }, report) {
    report(`Its light blinks for ${BLINK_S} seconds.`);
    const { code, stderr } = await pi.root(`crosspoint-gadget identify ${BLINK_S}`, {
      deadlineMs: (BLINK_S + 20) * 1000,
    });
    if (code === 0) return `Its light has blinked for ${BLINK_S} seconds.`;
    throw new CrosspointError('unavailable', `Its light cannot blink: ${lastLine(stderr)}`, {
      hint:
        code === 127 ? 'Set it up first: its programs are not installed.' : 'Not every board has a light.',
    });
  },
};

/** The very last thing: afterwards the box cannot log in any more. */
export const forgetKey: Step = {
  id: 'key',
  title: "Take the box's key away",
  check: () => Promise.resolve({ done: false, detail: 'The Pi knows the key of this box.' }),
  async run({ pi, boxKey }) {
    await pi.user(
      sh`key=${boxKey.publicKey}` +
        `
        umask 077
        f=~/.ssh/authorized_keys
        [ -e "$f" ] || exit 0
        grep -vxF -- "$key" "$f" > "$f.new"
        mv -f "$f.new" "$f"`,
    );
    return 'The Pi does not know this box any more.';
  },
};
