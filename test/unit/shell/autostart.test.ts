import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Autostart, autostartEntry, autostartFile, startCommand } from '../../../electron/shell/autostart.ts';

const execOf = (command: readonly string[]) => /^Exec=(.*)$/m.exec(autostartEntry(command))?.[1];

describe('the command that starts the app again', () => {
  it('names the AppImage, for its mount is gone by then', () => {
    expect(startCommand({ APPIMAGE: '/home/a/Crosspoint.AppImage' }, '/tmp/.mount/crosspoint', null)).toEqual(
      ['/home/a/Crosspoint.AppImage', '--hidden'],
    );
  });
  it('names the installed program, or in a checkout the runtime and the app', () => {
    expect(startCommand({}, '/opt/Crosspoint/crosspoint', null)).toEqual([
      '/opt/Crosspoint/crosspoint',
      '--hidden',
    ]);
    expect(startCommand({}, '/x/electron', '/src/crosspoint')).toEqual([
      '/x/electron',
      '/src/crosspoint',
      '--hidden',
    ]);
  });
  it.each([
    ['/opt/Crosspoint/crosspoint', '/opt/Crosspoint/crosspoint'],
    ['/home/a b/App', '"/home/a b/App"'],
    ['/home/100%/App', '"/home/100%%/App"'],
    ['/a"b', '"/a\\\\"b"'],
    ['/a$b`c', '"/a\\\\$b\\\\`c"'],
    ['/a\\b', '"/a\\\\\\\\b"'],
  ])('is quoted as the Desktop Entry Specification says: %s', (argument, expected) => {
    expect(execOf([argument, '--hidden'])).toBe(`${expected} --hidden`);
  });
  it('with a line break is refused: it would write other keys', () => {
    expect(() => autostartEntry(['/a\nHidden=true'])).toThrow(TypeError);
  });
});

it('the entry stands where the XDG specification says', () => {
  expect(autostartFile({ XDG_CONFIG_HOME: '/cfg' })).toBe('/cfg/autostart/crosspoint.desktop');
  expect(autostartFile({ XDG_CONFIG_HOME: 'relative' })).toMatch(
    /\/\.config\/autostart\/crosspoint\.desktop$/,
  );
});

describe('autostart', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'crosspoint-autostart-'));
    file = join(folder, 'autostart/crosspoint.desktop');
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const autostart = (program = '/opt/crosspoint') => new Autostart(file, [program, '--hidden']);

  it('is off at first, on when set, off again', () => {
    expect(autostart().enabled).toBe(false);
    autostart().set(true);
    expect(autostart().enabled).toBe(true);
    autostart().set(false);
    autostart().set(false);
    expect(autostart().enabled).toBe(false);
  });
  it.each(['Hidden=true', 'X-GNOME-Autostart-enabled=false'])('respects the desktop: %s', (line) => {
    autostart().set(true);
    writeFileSync(file, readFileSync(file, 'utf8').replace('X-GNOME-Autostart-enabled=true', line));
    expect(autostart().enabled).toBe(false);
    autostart().repair();
    expect(autostart().enabled).toBe(false);
  });
  it('follows the app when it moves, and does not switch itself on', () => {
    autostart('/new').repair();
    expect(autostart().enabled).toBe(false);
    autostart('/old').set(true);
    autostart('/new').repair();
    expect(readFileSync(file, 'utf8')).toContain('Exec=/new --hidden');
  });
});
