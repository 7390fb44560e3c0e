import { expect, it } from 'vitest';
import { MixerChoice } from '../../../../electron/audio/executor/mixer-choice.ts';
import { OWN_FROM } from '../../../../electron/audio/graph/mixers.ts';

const STAY_MS = 60_000;

it('goes to our own mixer at once, and leaves it only after a minute with few routes', () => {
  const choice = new MixerChoice(STAY_MS);
  expect(choice.of('auto', 3, 0)).toBe('loopbacks');
  expect(choice.of('auto', OWN_FROM, 1)).toBe('own');
  expect(choice.of('auto', 3, 2)).toBe('own');
  expect(choice.of('auto', 3, STAY_MS + 1)).toBe('own');
  expect(choice.of('auto', 3, STAY_MS + 2)).toBe('loopbacks');
});

it('stays where it is while scenes with many and few routes take turns', () => {
  const choice = new MixerChoice(STAY_MS);
  for (let at = 0; at < 10 * STAY_MS; at += STAY_MS - 1)
    for (const routes of [OWN_FROM, 0]) expect(choice.of('auto', routes, at)).toBe('own');
});

it('does at once what is asked for by name', () => {
  const choice = new MixerChoice(STAY_MS);
  expect(choice.of('own', 1, 0)).toBe('own');
  expect(choice.of('loopbacks', 1000, 1)).toBe('loopbacks');
  expect(choice.of('auto', 1, 2)).toBe('loopbacks');
});

it('goes on with what an earlier engine has left between the two numbers', () => {
  const choice = new MixerChoice(STAY_MS);
  choice.found('own');
  expect(choice.of('auto', OWN_FROM - 5, 0)).toBe('own');
  expect(choice.of('auto', OWN_FROM - 5, 10 * STAY_MS)).toBe('own');
});
