import { type IncomingHttpHeaders } from 'node:http';
import { describe, expect, test } from 'vitest';
import { silentLogger } from '../../../electron/base/logger.ts';
import { CrosspointError } from '../../../electron/contract/index.ts';
import { Guard } from '../../../electron/remote/guard.ts';
import { networkOf } from '../../../electron/remote/network-of.ts';

/** What the guard says to a request: `in`, or the code of its refusal. */
function ask(guard: Guard, headers: IncomingHttpHeaders, remoteAddress = '192.0.2.1'): string {
  try {
    guard.check({ headers: { host: '127.0.0.1:7788', ...headers }, socket: { remoteAddress } });
    return 'in';
  } catch (error) {
    return error instanceof CrosspointError ? error.code : String(error);
  }
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe('pages', () => {
  const guard = new Guard({ token: undefined, log: silentLogger });

  test.each([
    ['of our own', { origin: 'http://127.0.0.1:7788', 'sec-fetch-site': 'same-origin' }, 'in'],
    ['an address that a person typed', { 'sec-fetch-site': 'none' }, 'in'],
    ['no browser at all', {}, 'in'],
    ['of another site', { origin: 'https://evil.example' }, 'forbidden'],
    ['a picture embedded by another site, without Origin', { 'sec-fetch-site': 'cross-site' }, 'forbidden'],
    ['another port of this machine', { 'sec-fetch-site': 'same-site' }, 'forbidden'],
    ['a file or a sandboxed frame', { origin: 'null' }, 'forbidden'],
    ['a name of its own that points here', { host: 'rebound.example' }, 'forbidden'],
  ])('%s', (_, headers, answer) => {
    expect(ask(guard, headers)).toBe(answer);
  });
});

describe('guessing the token', () => {
  const guardAt = (now: { ms: number }) =>
    new Guard({ token: 'right', log: silentLogger, now: () => now.ms });

  test('is over after ten tries, for this address alone, and possible again a minute later', () => {
    const now = { ms: 0 };
    const guard = guardAt(now);
    for (let n = 0; n < 10; n++) expect(ask(guard, bearer(`g${n}`))).toBe('unauthorized');
    expect(ask(guard, bearer('right'))).toBe('rate-limited');
    expect(ask(guard, bearer('right'), '192.0.2.2')).toBe('in');
    now.ms = 60_001;
    expect(ask(guard, bearer('right'))).toBe('in');
  });

  test('is not helped by the many addresses of one IPv6 network', () => {
    const guard = guardAt({ ms: 0 });
    for (let n = 0; n < 10; n++) ask(guard, bearer('wrong'), `2001:db8:0:7::${n}`);
    expect(ask(guard, bearer('right'), '2001:db8:0:7::ffff')).toBe('rate-limited');
    expect(ask(guard, bearer('right'), '2001:db8:0:8::1')).toBe('in');
  });

  test('of one address is not forgotten because many others guess too', () => {
    const guard = guardAt({ ms: 0 });
    for (let n = 0; n < 9000; n++) ask(guard, bearer('x'), `10.1.${n >> 8}.${n & 255}`);
    for (let n = 0; n < 10; n++) ask(guard, bearer('wrong'));
    for (let n = 0; n < 9000; n++) ask(guard, bearer('x'), `10.2.${n >> 8}.${n & 255}`);
    expect(ask(guard, bearer('right'))).toBe('rate-limited');
  });

  test('asking without any token is not counted: a page that has not asked for it yet does that', () => {
    const guard = guardAt({ ms: 0 });
    for (let n = 0; n < 20; n++) expect(ask(guard, {})).toBe('unauthorized');
    expect(ask(guard, bearer('right'))).toBe('in');
  });

  test.each([['right '], ['righ'], ['right1'], ['RIGHT'], ['']])('"%s" is wrong', (token) => {
    expect(ask(guardAt({ ms: 0 }), bearer(token))).toBe('unauthorized');
  });
});

test.each([
  ['192.168.1.2', '192.168.1.2'],
  ['::ffff:192.168.1.2', '192.168.1.2'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['', ''],
])('the network of %s is %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});
