import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ENGINE_FLAG_AT_START, ENGINE_FLAGS } from '../../../build/engine-flags.mjs';

const MB = 1024 * 1024;

/** Makes many objects, some of which live for a while, and tells how much room V8 has made for young ones, in bytes. */
const PROGRAM = `
  let kept = [];
  for (let count = 0; count < 2e6; count++) {
    kept.push({ count });
    if (kept.length > 50_000) kept = [];
  }
  const spaces = require('node:v8').getHeapSpaceStatistics();
  console.log(spaces.find(({ space_name }) => space_name === 'new_space').space_size);
`;
const youngBytes = (flags: readonly string[], before = ''): number =>
  Number(execFileSync(process.execPath, [...flags, '-e', before + PROGRAM], { encoding: 'utf8' }));

describe("the engine's memory for young objects", () => {
  it('grows to more than 2 MB when it is left alone', () => {
    expect(youngBytes([])).toBeGreaterThan(2 * MB);
  });

  it('stays small by flags of the process', () => {
    expect(youngBytes(ENGINE_FLAGS)).toBeLessThanOrEqual(2 * MB);
  });

  it('stays small by a flag at the start of a process', () => {
    const before = `require('node:v8').setFlagsFromString('${ENGINE_FLAG_AT_START}');`;
    expect(youngBytes([], before)).toBeLessThanOrEqual(2 * MB);
  });

  it('is small in the package without a window too', () => {
    const launcher = readFileSync(join(import.meta.dirname, '../../../build/headless/crosspoint'), 'utf8');
    expect(launcher).toContain(`/usr/bin/node ${ENGINE_FLAGS.join(' ')} /usr/share`);
  });
});
