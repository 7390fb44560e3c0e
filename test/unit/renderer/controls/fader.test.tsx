// @vitest-environment jsdom
import '../../../support/renderer-dom.ts';
import { useState } from 'react';
import { afterEach, expect, test, vi } from 'vitest';
import { Fader } from '../../../../renderer/controls/fader.tsx';
import { draw, makeApp, type Page } from '../../../support/renderer-app.tsx';
import { rigState } from '../../../support/renderer-state.ts';

vi.setConfig({ testTimeout: 40_000 });

function Held({ from }: { readonly from: number }) {
  const [gain, setGain] = useState(from);
  return <Fader gainDb={gain} onChange={setGain} label="Gain" testId="fader" />;
}

let page: Page | undefined;
afterEach(async () => {
  await page?.close();
  page = undefined;
});

async function open(from: number): Promise<{ page: Page; track: HTMLElement; value: () => string | null }> {
  page = await draw(makeApp(rigState()), <Held from={from} />);
  const track = page.get('fader');
  // One pixel is one hundredth of the way.
  track.getBoundingClientRect = () =>
    ({ left: 0, top: 0, width: 20, height: 100, bottom: 100, right: 20 }) as DOMRect;
  track.setPointerCapture = () => undefined;
  return { page, track, value: () => track.getAttribute('aria-valuetext') };
}

const pointer = (
  page: Page,
  track: HTMLElement,
  type: string,
  clientY: number,
  shiftKey = false,
): Promise<void> =>
  page.settle(() =>
    track.dispatchEvent(
      new MouseEvent(type, { bubbles: true, cancelable: true, button: 0, clientY, shiftKey }),
    ),
  );

test('says its gain with its unit', async () => {
  expect((await open(-6)).value()).toBe('−6.0 dB');
});

test('goes where it is clicked and follows the drag', async () => {
  const { page, track, value } = await open(-6);
  await pointer(page, track, 'pointerdown', 60);
  expect(value()).toBe('−20.0 dB');
  await pointer(page, track, 'pointermove', 25);
  expect(value()).toBe('0.0 dB');
  await pointer(page, track, 'pointerup', 25);
  await pointer(page, track, 'pointermove', 80);
  expect(value()).toBe('0.0 dB');
});

test('is not moved by touching its knob', async () => {
  const { page, track, value } = await open(-6);
  await pointer(page, track, 'pointerdown', 38);
  expect(value()).toBe('−6.0 dB');
});

test('moves finely with Shift, without a jump', async () => {
  const { page, track, value } = await open(0);
  await pointer(page, track, 'pointerdown', 25);
  await pointer(page, track, 'pointermove', 15);
  expect(value()).toBe('+4.0 dB');
  await pointer(page, track, 'pointermove', 15, true);
  expect(value()).toBe('+4.0 dB');
  await pointer(page, track, 'pointermove', 5, true);
  expect(value()).toBe('+4.4 dB');
});

test('a double click is 0 dB', async () => {
  const { page, track, value } = await open(-30);
  await page.settle(() => track.dispatchEvent(new MouseEvent('dblclick', { bubbles: true })));
  expect(value()).toBe('0.0 dB');
});

test('the wheel turns it by 1 dB, with Shift by 0.1 dB', async () => {
  const { page, track, value } = await open(0);
  await page.settle(() => track.dispatchEvent(new WheelEvent('wheel', { deltaY: 100, cancelable: true })));
  expect(value()).toBe('−1.0 dB');
  await page.settle(() =>
    track.dispatchEvent(new WheelEvent('wheel', { deltaY: -100, shiftKey: true, cancelable: true })),
  );
  expect(value()).toBe('−0.9 dB');
});

test.each([
  ['ArrowUp', '−5.0 dB'],
  ['ArrowDown', '−7.0 dB'],
  ['PageDown', '−12.0 dB'],
  ['Home', '−∞ dB'],
  ['End', '+10.0 dB'],
  ['Enter', '0.0 dB'],
])('the key %s takes it from −6 dB to %s', async (key, to) => {
  const { page, track, value } = await open(-6);
  await page.key(track, key);
  expect(value()).toBe(to);
});
