import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatAddress, parseAddresses, userAddresses } from '../../../../electron/audio/pulse/address.ts';
import { NO_COOKIE, userCookie } from '../../../../electron/audio/pulse/cookie.ts';
import { PulseError } from '../../../../electron/audio/pulse/errors.ts';

describe('server addresses', () => {
  it.each([
    ['unix:/run/x/native', ['unix:/run/x/native']],
    ['/run/x/native', ['unix:/run/x/native']],
    ['tcp:box:4714', ['tcp:box:4714']],
    ['tcp:box', ['tcp:box:4713']],
    ['tcp4:127.0.0.1:1', ['tcp:127.0.0.1:1']],
    ['tcp6:[::1]:5', ['tcp:[::1]:5']],
    ['box.local', ['tcp:box.local:4713']],
    ['box.local:99', ['tcp:box.local:99']],
    ['{0af3}unix:/a {b}tcp:c:1', ['unix:/a', 'tcp:c:1']],
  ])('%s', (text, expected) => {
    expect(parseAddresses(text).map(formatAddress)).toEqual(expected);
  });

  it.each([
    '',
    '  ',
    'unix:relative',
    'tcp:',
    'tcp:box:0',
    'tcp:box:70000',
    'tcp:a b:x',
    '{id}',
    'http://box/',
  ])('refuses %j', (text) => {
    expect(() => parseAddresses(text)).toThrow(PulseError);
  });

  it('are found where PulseAudio looks, likeliest first', () => {
    const found = (env: Record<string, string>) => userAddresses(env, 1000).map(formatAddress);
    expect(found({ PULSE_SERVER: 'tcp:box', XDG_RUNTIME_DIR: '/r' })).toEqual(['tcp:box:4713']);
    expect(found({ PULSE_RUNTIME_PATH: '/p', XDG_RUNTIME_DIR: '/r' })).toEqual([
      'unix:/p/native',
      'unix:/r/pulse/native',
    ]);
    expect(found({})).toEqual(['unix:/run/user/1000/pulse/native']);
  });
});

describe('the cookie', () => {
  let home: string;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'xp-cookie-'));
    await mkdir(join(home, '.config/pulse'), { recursive: true });
  });
  afterEach(() => rm(home, { recursive: true }));
  const put = (path: string, byte: number, length = 256) =>
    writeFile(join(home, path), Buffer.alloc(length, byte));

  it('is taken from PULSE_COOKIE, then from the configuration, then from the old place', async () => {
    await put('.pulse-cookie', 3);
    expect((await userCookie({ HOME: home }))[0]).toBe(3);
    await put('.config/pulse/cookie', 2);
    expect((await userCookie({ HOME: home }))[0]).toBe(2);
    await put('mine', 1);
    expect((await userCookie({ HOME: home, PULSE_COOKIE: join(home, 'mine') }))[0]).toBe(1);
  });

  it('is zeros when there is none, or only a broken one', async () => {
    await put('.config/pulse/cookie', 2, 100);
    expect(await userCookie({ HOME: home })).toBe(NO_COOKIE);
    expect(await userCookie({})).toBe(NO_COOKIE);
  });
});
