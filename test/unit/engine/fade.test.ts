import { expect, test } from 'vitest';
import { Fade } from '../../../electron/engine/fade.ts';
import { type Model } from '../../../electron/engine/store/model.ts';
import { modelOf, RIG } from '../../support/engine-model.ts';

const FROM = modelOf(
  [
    { type: 'route', source: 'mic:desk', destination: 'speaker:room', gain: -40 },
    { type: 'route', source: 'mic:desk', destination: 'desk.mic' },
    { type: 'route', source: 'cam:front', destination: 'desk.webcam' },
  ],
  RIG,
);
const TO = modelOf(
  [
    { type: 'setGain', source: 'mic:desk', destination: 'speaker:room', gain: 0 },
    { type: 'unroute', source: 'mic:desk', destination: 'desk.mic' },
    { type: 'route', source: 'mic:desk', destination: 'office.mic', gain: -6 },
    { type: 'route', source: 'cam:back', destination: 'desk.webcam' },
    { type: 'mute', id: 'desk.return' },
  ],
  FROM,
);
const gainOf = (model: Model, destination: string) =>
  model.routes.find((route) => route.source === 'mic:desk' && route.destination === destination)?.gain;
const returnOf = (model: Model) =>
  model.sources.find(({ id }) => id === 'desk.return') as { gain: number; muted: boolean };

test('begins as it sounded, with the pictures already where they shall be', () => {
  const { start } = new Fade(FROM, TO);
  expect(gainOf(start, 'speaker:room')).toBe(-40);
  expect(gainOf(start, 'desk.mic')).toBe(0);
  expect(gainOf(start, 'office.mic')).toBe(-100);
  expect(returnOf(start)).toMatchObject({ gain: 0, muted: false });
  expect(start.routes.find(({ destination }) => destination === 'desk.webcam')?.source).toBe('cam:back');
});

test('half-way is half the way of a fader, and the end is exactly the scene', () => {
  const fade = new Fade(FROM, TO);
  const half = fade.step(fade.start, 0.5);
  // From −40 dB (a fifth of the travel) to 0 dB (three quarters): a little above −20 dB.
  expect(gainOf(half, 'speaker:room')).toBeCloseTo(-15, 0);
  const end = fade.step(half, 1);
  expect(end.routes).toEqual(expect.arrayContaining([...TO.routes]));
  expect(end.routes).toHaveLength(TO.routes.length);
  expect(end.sources).toEqual(TO.sources);
});

test('just before 0 dB it is 0 dB, not −0', () => {
  const fade = new Fade(FROM, TO);
  expect(gainOf(fade.step(fade.start, 0.9999), 'speaker:room')).toBe(0);
});

test('what a person moves or mutes meanwhile stays with the person', () => {
  const fade = new Fade(FROM, TO);
  const half = fade.step(fade.start, 0.5);
  const touched = modelOf(
    [
      { type: 'setGain', source: 'mic:desk', destination: 'speaker:room', gain: 3 },
      { type: 'mute', source: 'mic:desk', destination: 'office.mic' },
    ],
    half,
  );
  const end = fade.step(touched, 1);
  expect(gainOf(end, 'speaker:room')).toBe(3);
  expect(end.routes.find(({ destination }) => destination === 'office.mic')?.muted).toBe(true);
});

test('where no gain changes there is nothing to fade', () => {
  expect(new Fade(FROM, FROM).empty).toBe(true);
});
