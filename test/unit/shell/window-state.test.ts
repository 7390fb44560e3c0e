import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { placeWindow, readWindowState, writeWindowState } from '../../../electron/shell/window-state.ts';

const main = { x: 0, y: 0, width: 1920, height: 1040 };
const right = { x: 1920, y: 0, width: 1280, height: 1024 };
const saved = (x: number, y: number, width = 1000, height = 700) => ({
  bounds: { x, y, width, height },
  maximized: false,
});

describe('the window opens', () => {
  it('centred at its usual size at first', () => {
    expect(placeWindow(null, [main])).toEqual({ width: 1280, height: 800 });
  });
  it('no larger than a small screen', () => {
    expect(placeWindow(null, [{ x: 0, y: 0, width: 1024, height: 600 }])).toEqual({
      width: 1024,
      height: 600,
    });
  });
  it('where it was, also on the second screen', () => {
    expect(placeWindow(saved(2000, 50), [main, right])).toEqual({ x: 2000, y: 50, width: 1000, height: 700 });
  });
  it('centred when its screen is gone', () => {
    expect(placeWindow(saved(2000, 50), [main])).toEqual({ width: 1000, height: 700 });
  });
  it.each([
    ['above', 100, -300],
    ['below', 100, 1030],
    ['beside', -990, 100],
  ])('centred when it could not be caught: %s the screen', (_where, x, y) => {
    expect(placeWindow(saved(x, y), [main])).toEqual({ width: 1000, height: 700 });
  });
  it('large enough to be used', () => {
    expect(placeWindow(saved(5, 5, 100, 100), [main])).toEqual({ x: 5, y: 5, width: 480, height: 360 });
  });
  it('somewhere even when no screen is known', () => {
    expect(placeWindow(null, [])).toEqual({ width: 1280, height: 800 });
  });
});

describe('its place on disk', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'crosspoint-window-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is read as it was written, in a folder that is made when needed', () => {
    const file = join(folder, 'deep/window.json');
    writeWindowState(file, saved(1, 2));
    expect(readWindowState(file)).toEqual(saved(1, 2));
  });
  it.each([
    '',
    'no json',
    '{}',
    '{"bounds":{"x":"1"}}',
    '{"bounds":{"x":1.5,"y":0,"width":1,"height":1},"maximized":false}',
  ])('is ignored when it makes no sense: %j', (text) => {
    writeFileSync(join(folder, 'window.json'), text);
    expect(readWindowState(join(folder, 'window.json'))).toBeNull();
  });
  it('is nothing when it was never written', () => {
    expect(readWindowState(join(folder, 'absent.json'))).toBeNull();
  });
});
