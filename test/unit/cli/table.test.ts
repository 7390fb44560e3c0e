import { describe, expect, test } from 'vitest';
import { createProgram } from '../../../electron/cli/program.ts';
import { placesOf, quoted, valuedOptions } from '../../../electron/cli/shells/cases.ts';
import { commandTable, usageOf } from '../../../electron/cli/table.ts';

const TABLE = commandTable(createProgram());
const LEAVES = TABLE.filter(({ subcommands }) => subcommands.length === 0);
/** They print what other programs read. */
const FOR_PROGRAMS = ['completion <shell>', 'man'];

test.each(LEAVES.map((entry) => [usageOf(entry), entry] as const))(
  '%s can answer as JSON',
  (usage, entry) => {
    expect(entry.options.some(({ long }) => long === '--json')).toBe(!FOR_PROGRAMS.includes(usage));
  },
);

test('each command and option says what it does', () => {
  for (const { path, description, options } of TABLE) {
    expect(description, path.join(' ')).toMatch(/^\S.*[^.]$|^\S.*\.$/);
    for (const option of options) expect(option.description, option.long).not.toBe('');
  }
});

test('what the shells cannot know by the name is asked of the engine', () => {
  const at = new Map(placesOf(TABLE).map(({ place, value }) => [place, value]));
  expect(at.get('route 0')).toEqual({ kind: 'ids', ids: 'sources' });
  expect(at.get('route 1')).toEqual({ kind: 'ids', ids: 'destinations' });
  expect(at.get('gadget health 0')).toEqual({ kind: 'ids', ids: 'gadgets' });
  expect(at.get('scene recall 0')).toEqual({ kind: 'ids', ids: 'scenes' });
  expect(at.get('camera add 0')).toEqual({ kind: 'text' });
  expect(at.get('diagnostics 0')).toEqual({ kind: 'file' });
  expect(at.get('serve --state-dir')).toEqual({ kind: 'directory' });
  expect(at.get('camera add --test')).toMatchObject({
    choices: expect.arrayContaining(['smpte']) as string[],
  });
});

describe('options with a value', () => {
  test('are the same everywhere', () => {
    expect(valuedOptions(TABLE)).toEqual(expect.arrayContaining(['--gain', '--state-dir', '--token']));
    expect(valuedOptions(TABLE)).not.toContain('--json');
  });

  test('that are not are refused', () => {
    const option = { description: 'x', preset: undefined, variable: undefined, placeholder: '' };
    const entry = { description: 'x', args: [], subcommands: [] };
    expect(() =>
      valuedOptions([
        { ...entry, path: ['a'], options: [{ ...option, long: '--x', value: undefined }] },
        { ...entry, path: ['b'], options: [{ ...option, long: '--x', value: { kind: 'text' } }] },
      ]),
    ).toThrow('--x');
  });
});

test('quoting leaves a shell nothing to read', () => {
  expect(quoted("it's $HOME")).toBe(`'it'\\''s $HOME'`);
});
