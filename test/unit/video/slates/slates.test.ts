import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEFAULT_FRAME_LIMITS, limitsOf } from '../../../../electron/video/frames/rendition.ts';
import { escaped, wrapped } from '../../../../electron/video/slates/slate-writer.ts';
import { SLATES_DIR } from '../../../support/video-rig.ts';

describe('the reason on a slate', () => {
  it('is broken into lines between words, and what is too long ends in an ellipsis', () => {
    expect(wrapped('The camera is in use by another program.', 20, 3)).toEqual([
      'The camera is in use',
      'by another program.',
    ]);
    expect(wrapped('one two three four five six', 9, 2)).toEqual(['one two', 'three fo…']);
    expect(wrapped('/a/very/long/path/without/a/space', 10, 2)).toEqual(['/a/very/l…']);
    expect(wrapped('   ', 10, 2)).toEqual([]);
  });

  it('means nothing to a filter graph', () => {
    expect(escaped("it's [a]:b,c;d\\")).toBe("it\\\\\\'s \\[a\\]\\\\:b\\,c\\;d\\\\\\\\");
  });
});

describe('the built-in slates', () => {
  it('fit the smallest link that a webcam may be set to', () => {
    const { hardBytes } = limitsOf(
      { width: 1280, height: 720, fps: 30, capBytes: 20_000 },
      DEFAULT_FRAME_LIMITS,
    );
    for (const file of readdirSync(SLATES_DIR).filter((name) => name.endsWith('.jpg')))
      expect(statSync(join(SLATES_DIR, file)).size, file).toBeLessThanOrEqual(hardBytes);
  });
});
