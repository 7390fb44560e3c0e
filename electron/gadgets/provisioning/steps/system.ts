import { CrosspointError } from '../../../contract/index.ts';
import { judgeBoard } from '../board.ts';
import { type Step } from '../step.ts';

export const board: Step = {
  id: 'board',
  title: 'Look at board and system',
  async check({ pi }) {
    const verdict = judgeBoard(await pi.facts());
    if (verdict.ok) return { done: true, detail: verdict.detail };
    throw new CrosspointError('unavailable', verdict.detail, { hint: verdict.hint });
  },
};

export const writable: Step = {
  id: 'writable',
  title: 'See that it can be changed',
  async check({ pi }) {
    const { root } = await pi.facts();
    switch (root) {
      case 'rw':
        return { done: true, detail: 'Its file system can be written.' };
      case 'ro':
        throw new CrosspointError('unavailable', "The Pi's file system is read-only.", {
          hint: 'Restart it. If it stays so, the card is worn out (replace it), or it was made read-only on purpose: make it writable for the set-up.',
        });
      case 'overlay':
        throw new CrosspointError('unavailable', 'The Pi forgets every change at its next restart.', {
          hint: 'Switch the overlay file system off for the set-up: raspi-config, Performance Options, Overlay File System.',
        });
    }
  },
};

const MEGABYTE = 1024 * 1024;
/** For the package, a few libraries and what apt needs meanwhile; and what must always be left. */
const NEEDED_BYTES = 150 * MEGABYTE;
const LEFT_BYTES = 20 * MEGABYTE;

const megabytes = (bytes: number): string => `${Math.floor(bytes / MEGABYTE)} MB`;

export const space: Step = {
  id: 'space',
  title: 'See that there is room',
  async check({ pi }) {
    const { freeBytes, installed } = await pi.facts();
    const needed = installed === '' ? NEEDED_BYTES : LEFT_BYTES;
    return {
      done: freeBytes >= needed,
      detail:
        freeBytes >= needed
          ? `${megabytes(freeBytes)} are free.`
          : `Only ${megabytes(freeBytes)} are free; it takes ${megabytes(needed)}.`,
    };
  },
  async run(context, report) {
    report('Cleaning up what apt has left over.');
    await context.pi.root('apt-get clean', { deadlineMs: 120_000 });
    await context.pi.look();
    const { done, detail } = await this.check(context);
    if (!done)
      throw new CrosspointError('unavailable', `There is not enough room on the Pi: ${detail}`, {
        hint: 'Make room there, or use a larger card.',
      });
    return detail;
  },
};

/** More than this, and servers' certificates and packages are taken for invalid. */
const CLOCK_MS = 120_000;

export const clock: Step = {
  id: 'clock',
  title: 'See that its clock is right',
  async check({ pi }) {
    const { timeMs } = await pi.facts();
    // The facts are some seconds old at most.
    const offMs = timeMs - Date.now();
    return Math.abs(offMs) < CLOCK_MS
      ? { done: true, detail: 'Its clock is right.' }
      : {
          done: false,
          detail: `Its clock is ${Math.round(Math.abs(offMs) / 60_000)} minutes ${offMs < 0 ? 'behind' : 'ahead'}.`,
        };
  },
  async run({ pi }) {
    await pi.must(
      `timedatectl set-ntp true 2> /dev/null || true; date -s @${Math.round(Date.now() / 1000)} > /dev/null`,
      'The clock of the Pi cannot be set',
    );
    await pi.look();
    return 'Its clock is set by ours, and follows a time server.';
  },
};
