/** Marks our lines, so that uninstalling takes out what we have put in. */
const MARK = '# Crosspoint: the USB-C port is a device';
const OVERLAY = 'dtoverlay=dwc2,dr_mode=peripheral';

/** Sections of config.txt that hold for a board: https://www.raspberrypi.com/documentation/computers/config_txt.html */
function sectionsOf(board: string): ReadonlySet<string> {
  const names = ['all'];
  if (/Raspberry Pi 4|Compute Module 4|Pi 400/.test(board)) names.push('pi4');
  if (board.includes('Pi 400')) names.push('pi400');
  if (board.includes('Compute Module 4')) names.push('cm4');
  if (board.includes('Zero 2')) names.push('pi02', 'pi3');
  if (/Raspberry Pi 5|Compute Module 5|Pi 500/.test(board)) names.push('pi5');
  return new Set(names);
}

/** Is the USB controller a device's, as this text stands? The last line that holds for the board counts. */
export function hasPeripheralMode(text: string, board: string): boolean {
  const sections = sectionsOf(board);
  let applies = true;
  let mode = false;
  for (const raw of text.split('\n')) {
    const line = raw.trim().replace(/\s*#.*$/, '');
    const section = /^\[(.+)\]$/.exec(line)?.[1];
    if (section !== undefined) applies = sections.has(section.toLowerCase());
    else if (applies && /^dtoverlay\s*=\s*dwc2\b/.test(line)) mode = !line.includes('dr_mode=host');
    // Hands the port to the other controller, which can only be a host.
    else if (applies && /^otg_mode\s*=\s*1$/.test(line)) mode = false;
  }
  return mode;
}

/** The text with what is missing at its end; the same text when nothing is. */
export function withPeripheralMode(text: string, board: string): string {
  if (hasPeripheralMode(text, board)) return text;
  const ended = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  return `${ended}\n[all]\n${MARK}\n${OVERLAY}\n`;
}

/** The text without our lines. */
export const withoutPeripheralMode = (text: string): string =>
  text.replace(`\n[all]\n${MARK}\n${OVERLAY}\n`, '').replace(`${MARK}\n${OVERLAY}\n`, '');
