import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fromWord, parseEvent, toWord } from '../../../electron/audio/mixer/protocol.ts';

it('any text comes back from a word as it was, and a word is plain', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const word = toWord(text);
      expect(word).toMatch(/^[A-Za-z0-9._:|%-]+$/);
      expect(fromWord(word)).toBe(text);
    }),
  );
});

it('events are understood', () => {
  expect(parseEvent('mixer 1 42 unix:%2Frun%2Fx')).toEqual({
    kind: 'mixer',
    version: 1,
    pid: 42,
    server: 'unix:/run/x',
  });
  expect(parseEvent('path 7 mic:a|desk.mic alsa%20in crosspoint.desk.mic 10 80 65536 0 1')).toEqual({
    kind: 'path',
    number: 7,
    key: 'mic:a|desk.mic',
    from: 'alsa in',
    to: 'crosspoint.desk.mic',
    latencyMs: 10,
    delayMs: 80,
    level: { raw: 65_536, muted: false },
    live: true,
  });
  expect(parseEvent('failed 7 No%20such%20entity')).toEqual({
    kind: 'failed',
    number: 7,
    reason: 'No such entity',
  });
  expect(parseEvent('late 7 12.5 1 2 -30')).toMatchObject({ number: 7, latencyMs: 12.5, xruns: 1, drops: 2 });
  expect(parseEvent('peak sink a 0.50000 0.25000')).toEqual({
    kind: 'peak',
    of: 'sink',
    device: 'a',
    peaks: [0.5, 0.25],
  });
});

it('what is no event is none, whatever it is', () => {
  expect(parseEvent('later 1')).toBeNull();
  expect(parseEvent('failed 7 %zz')).toBeNull();
  fc.assert(
    fc.property(fc.string(), (line) => {
      parseEvent(line);
    }),
  );
});
