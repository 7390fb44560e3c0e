import { type Facts } from './survey.ts';

/** What a board is good for. */
export type Verdict =
  | { readonly ok: true; readonly detail: string }
  | { readonly ok: false; readonly detail: string; readonly hint: string };

const NEEDED = 'It takes a Raspberry Pi 4 with the 64-bit Raspberry Pi OS (Bookworm or Trixie).';

/** Can this machine be a gadget? Pure. */
export function judgeBoard(facts: Facts): Verdict {
  const { board, architecture, machine, os, osId, osVersion, controller } = facts;
  const name = board || 'This machine';
  const refuse = (detail: string, hint = NEEDED): Verdict => ({ ok: false, detail, hint });

  if (architecture === 'armhf' || architecture === 'armel' || /^(armv[67]|i[3-6]86)/.test(machine))
    return refuse(
      `${name} runs a 32-bit system (${architecture || machine}).`,
      /Zero(?! 2)|Pi (1|2|Model)/.test(board)
        ? `This board is too old. ${NEEDED}`
        : 'Write the 64-bit Raspberry Pi OS to the card: the kernel of the 32-bit one breaks USB webcams.',
    );
  if (architecture !== 'arm64' && architecture !== 'amd64')
    return refuse(`${name} is of an unknown kind (${architecture || machine}).`);
  if (!facts.systemd || osId === '')
    return refuse(`${name} runs ${os || 'a system'} without systemd or Debian's packages.`);
  if ((osId === 'debian' || osId === 'raspbian') && osVersion > 0 && osVersion < 12)
    return refuse(`${os} is too old.`, 'Write Raspberry Pi OS Bookworm or Trixie (64-bit) to the card.');

  if (architecture === 'amd64')
    return controller === ''
      ? refuse(`${name} has no USB device controller.`)
      : { ok: true, detail: `A virtual gadget (${controller}) with ${os}.` };
  if (/Raspberry Pi (4|400)\b|Compute Module 4/.test(board))
    return { ok: true, detail: `${board} with ${os}.` };
  if (board.includes('Raspberry Pi Zero 2'))
    return {
      ok: true,
      detail: `${board} with ${os}: Wi-Fi only, so give it a good one. Not tested by us.`,
    };
  if (/Raspberry Pi (5|500)\b|Compute Module 5/.test(board))
    return {
      ok: true,
      detail: `${board} with ${os}: it needs more power than a computer's port gives. Not tested by us.`,
    };
  if (board.includes('Raspberry Pi')) return refuse(`${board} has no USB port that can be a webcam's.`);
  return controller === ''
    ? refuse(`${name} (${os}) is no Raspberry Pi, and has no USB device controller.`)
    : { ok: true, detail: `${name} with ${os}: not a Raspberry Pi. Not tested by us.` };
}
