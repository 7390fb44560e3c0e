import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scrub } from '../../../../electron/engine/doctor/scrub.ts';

describe('what goes into diagnostics', () => {
  it('has no password and no parameter of an address', () => {
    const text = 'opening rtsp://admin:hunter2@10.0.0.5/stream1?auth=abc failed';
    expect(scrub(text, [])).toBe('opening rtsp://10.0.0.5/stream1 [removed] failed');
    expect(scrub('rtmp://box:1935/gadget/desk?token=s3cret', [])).not.toContain('s3cret');
  });

  it('keeps addresses that tell nothing secret', () => {
    expect(scrub('see http://127.0.0.1:7788/api/state for more', [])).toBe(
      'see http://127.0.0.1:7788/api/state for more',
    );
  });

  it.each([
    ['{"token": "abcdef"}', 'abcdef'],
    ['{"key":"abcdef","id":1}', 'abcdef'],
    ['password=abcdef', 'abcdef'],
    ['Authorization: Bearer abcdef', 'abcdef'],
    ['-----BEGIN OPENSSH PRIVATE KEY-----\nabcdef\n-----END OPENSSH PRIVATE KEY-----', 'abcdef'],
    ['-----BEGIN OPENSSH PRIVATE KEY-----\nabcdef', 'abcdef'],
  ])('has no %s', (text, secret) => {
    expect(scrub(text, [])).not.toContain(secret);
  });

  it('has no known secret, wherever it stands and whatever it is made of', () => {
    const secrets = fc.array(fc.stringMatching(/^[A-Za-z0-9_$&.*-]{8,24}$/), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(secrets, fc.string(), (known, noise) => {
        const clean = scrub(`${noise}${known.join(noise)}`, known);
        for (const secret of known) expect(clean).not.toContain(secret);
      }),
    );
  });
});
