import { describe, expect, it } from 'vitest';
import { parseFlags } from '../../../electron/shell/flags.ts';

describe('what the app is started with', () => {
  it('is nothing by default', () => {
    expect(parseFlags([])).toEqual({ hidden: false, demo: false, restoreBackup: false, files: [] });
  });
  it('may be what `serve` takes', () => {
    expect(
      parseFlags([
        '--hidden',
        '--demo',
        '--state-dir',
        '/s',
        '--http',
        '127.0.0.1:0',
        '--rtmp',
        '1936',
        '--pulse=private',
        '--token',
        't',
      ]),
    ).toEqual({
      hidden: true,
      demo: true,
      restoreBackup: false,
      files: [],
      stateDir: '/s',
      http: { host: '127.0.0.1', port: 0 },
      rtmp: { host: '127.0.0.1', port: 1936 },
      pulse: 'private',
      token: 't',
    });
  });
  it('may stand among switches of Chromium and files of the desktop', () => {
    expect(
      parseFlags([
        '--no-sandbox',
        '--remote-debugging-port=0',
        '--demo',
        '/home/a/notes.json',
        '/home/a/Show.crosspoint-scene',
        '--ozone-platform=wayland',
      ]),
    ).toEqual({
      hidden: false,
      demo: true,
      restoreBackup: false,
      files: ['/home/a/Show.crosspoint-scene'],
    });
  });
  it.each([
    ['--http', 'nowhere'],
    ['--http', '127.0.0.1:70000'],
    ['--state-dir'],
    ['--rtmp', ':'],
    ['--token', ''],
  ])('is refused with a sentence: %s %s', (...args) => {
    expect(() => parseFlags(args)).toThrow(/--(http|rtmp|state-dir|token)/);
  });
});
