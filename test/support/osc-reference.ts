import { TOLD } from '../../electron/remote/osc/feedback.ts';
import { METHODS } from '../../electron/remote/osc/methods.ts';

const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string =>
  [heads, heads.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

/** The tables of `docs/control-surfaces.md`, made of the code that they describe. */
export const oscTables = (): readonly string[] => [
  table(
    ['address below `/crosspoint`', 'takes', 'does'],
    METHODS.map(({ address, takes, does }) => [`\`${address}\``, takes, does]),
  ),
  table(
    ['address below `/crosspoint`', 'value', 'says'],
    TOLD.map(({ address, value, says }) => [`\`${address}\``, value, says]),
  ),
];
