import { describe, expect, it } from 'vitest';
import {
  CONTENT_SECURITY_POLICY,
  isOwnUrl,
  mayLoad,
  mayUse,
  START_URL,
} from '../../../electron/shell/policy.ts';

describe('the policy of the page', () => {
  it('knows its own addresses, and no lookalike', () => {
    expect(isOwnUrl(START_URL)).toBe(true);
    expect(isOwnUrl('app://crosspoint/index.html?a=1#b')).toBe(true);
    for (const url of [
      '',
      'app://crosspoint.evil.example/',
      'app://evil/crosspoint',
      'app://user@crosspoint/',
      'https://crosspoint/',
      'file:///etc/passwd',
      'javascript:alert(1)',
      'app:crosspoint',
      'not a url',
    ])
      expect(isOwnUrl(url), url).toBe(false);
  });

  it('loads nothing from the network, also when a page would ask for it', () => {
    for (const url of [
      'http://127.0.0.1:7788/',
      'https://example.org/x.js',
      'ws://localhost/',
      'file:///etc/passwd',
      'ftp://x/',
    ])
      expect(mayLoad(url), url).toBe(false);
    for (const url of [START_URL, 'blob:app://crosspoint/1', 'data:image/png;base64,'])
      expect(mayLoad(url), url).toBe(true);
  });

  it('runs only scripts of its own, never inline ones', () => {
    const rules = new Map(
      CONTENT_SECURITY_POLICY.split('; ').map(
        (rule) => [rule.split(' ')[0], rule.split(' ').slice(1)] as const,
      ),
    );
    expect(rules.get('default-src')).toEqual(["'none'"]);
    expect(rules.get('script-src')).toEqual(["'self'"]);
    expect(rules.get('connect-src')).toEqual(["'self'"]);
    for (const name of ['base-uri', 'form-action', 'frame-ancestors'])
      expect(rules.get(name), name).toEqual(["'none'"]);
  });

  it('lets the page copy text, and use no device', () => {
    expect(mayUse('clipboard-sanitized-write', START_URL)).toBe(true);
    expect(mayUse('clipboard-sanitized-write', 'https://example.org/')).toBe(false);
    for (const permission of [
      'media',
      'geolocation',
      'notifications',
      'midi',
      'hid',
      'serial',
      'usb',
      'clipboard-read',
    ])
      expect(mayUse(permission, START_URL), permission).toBe(false);
  });
});
