import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ffmpegCandidates } from '../../../electron/video/ffmpeg.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crosspoint-resources-'));
  mkdirSync(join(folder, 'resources'));
  vi.stubGlobal(
    'process',
    Object.assign(Object.create(process) as object, { resourcesPath: join(folder, 'resources') }),
  );
});
afterEach(() => {
  vi.unstubAllGlobals();
  rmSync(folder, { recursive: true });
});

test('an ffmpeg that a packed app brings comes first, then the one of the system', () => {
  writeFileSync(join(folder, 'resources/ffmpeg'), '');
  expect(ffmpegCandidates()).toEqual([join(folder, 'resources/ffmpeg'), 'ffmpeg']);
});

test('a packed app without one takes that of the system', () => {
  expect(ffmpegCandidates().at(-1)).toBe('ffmpeg');
  expect(ffmpegCandidates()).not.toContain(join(folder, 'resources/ffmpeg'));
});
