import { CrosspointError } from '../../contract/index.ts';
import { lastLine } from '../ssh/index.ts';

/** What goes wrong with apt and dpkg, by what they say. */
const TROUBLES: readonly (readonly [RegExp, string, string])[] = [
  [
    /No space left on device|don't have enough free space|not enough free space/i,
    'There is not enough room on the Pi.',
    'Make room there (sudo apt-get clean), or use a larger card.',
  ],
  [
    /Read-only file system/i,
    'The file system of the Pi is read-only.',
    'Switch the overlay file system off (raspi-config, Performance), or replace the card: a worn one does that, too.',
  ],
  [
    /Temporary failure resolving|Could not resolve|Could not connect|Unable to connect|Network is unreachable|Connection timed out/i,
    'The Pi does not reach the servers of its packages.',
    'It needs the internet once, for a few libraries: connect it, look at its name server, then try again.',
  ],
  [
    /Could not get lock|frontend lock was locked|is another process using it/i,
    'Another installation is under way on the Pi.',
    'Wait until it is through (a fresh Pi updates itself for some minutes), then try again.',
  ],
  [
    /dpkg was interrupted/i,
    'An earlier installation on the Pi was broken off.',
    'Run there: sudo dpkg --configure -a',
  ],
  [
    /Release file .* is not valid yet|certificate is not yet valid|certificate.*expired/i,
    "The Pi's clock is wrong.",
    'Let it reach a time server, then try again.',
  ],
  [
    /Unable to locate package|has no installation candidate|Unmet dependencies|unmet dependencies/i,
    'The Pi finds no package that is needed.',
    'Run there: sudo apt-get update, and see that its system is Raspberry Pi OS Bookworm or Trixie.',
  ],
];

/** The error that a failed apt-get or dpkg means to people. */
export function explainApt(what: string, output: string): CrosspointError {
  const known = TROUBLES.find(([pattern]) => pattern.test(output));
  const errors = output.split('\n').filter((line) => /^(E:|dpkg: error|Err:)/.test(line));
  const said = lastLine(errors.join('\n') || output);
  return known
    ? new CrosspointError('unavailable', `${what}: ${known[1]}`, { hint: known[2] })
    : new CrosspointError('unavailable', `${what}: ${said}`, {
        hint: 'The package system of the Pi said so. Run there: sudo apt-get update && sudo apt-get -f install',
      });
}
