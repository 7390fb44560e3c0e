/**
 * Makes assets/slates/<kind>-<width>x<height>.jpg, the pictures shown instead of a camera. Run it after changing the
 * words or the looks below; the results are committed.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { ROOT } from './setup.mjs';
import { findBrowser } from './system-packages.mjs';

/** @type {readonly (readonly [number, number])[]} */
const SIZES = [
  [1280, 720],
  [640, 480],
  [640, 360],
  [320, 180],
];

const CAMERA = '<path d="M8 20h30v24H8z"/><path d="M38 29l15-8v22l-15-8z"/>';

/** @typedef {readonly [word: string, line: string, tint: string, icon: string]} Slate the icon is 64 × 64, stroked */

/** @type {Readonly<Record<string, Slate>>} */
const SLATES = {
  'no-signal': ['No signal', 'No camera is selected', '#8b98a9', `${CAMERA}<path d="M6 52L58 10"/>`],
  muted: [
    'Camera muted',
    'The picture is switched off for privacy',
    '#e0a458',
    '<path d="M6 32s10-16 26-16 26 16 26 16-10 16-26 16S6 32 6 32z"/><circle cx="32" cy="32" r="8"/><path d="M12 54L52 10"/>',
  ],
  connecting: [
    'Connecting',
    'Waiting for the first picture',
    '#6fa8dc',
    '<path d="M32 10a22 22 0 1 1-22 22"/><circle cx="32" cy="32" r="4" fill="currentColor"/>',
  ],
  error: [
    'Camera error',
    // The reason is written here: electron/video/slates/slate-writer.ts.
    '&nbsp;',
    '#e07a6e',
    '<path d="M32 9l26 45H6z"/><path d="M32 26v14"/><path d="M32 47v.5"/>',
  ],
  offline: [
    'Camera offline',
    'The picture comes back by itself',
    '#8b98a9',
    '<path d="M24 40l-5 5a9 9 0 0 1-13-13l7-7a9 9 0 0 1 12 0"/><path d="M40 24l5-5a9 9 0 0 1 13 13l-7 7a9 9 0 0 1-12 0"/><path d="M25 13l2 6M13 25l6 2M39 51l-2-6M51 39l-6-2"/>',
  ],
};

/** @param {Slate} slate */
const page = ([word, line, tint, icon]) => `<!doctype html><meta charset="utf-8"><style>
  * { margin: 0; box-sizing: border-box }
  body { width: 100vw; height: 100vh; overflow: hidden; display: grid; place-items: center; text-align: center;
    font-family: Inter, "Noto Sans", "Segoe UI", "DejaVu Sans", sans-serif; color: #e8ecf1;
    background: radial-gradient(120vmin 90vmin at 50% 42%, #1b2129, #0e1116 70%, #0b0d11) }
  main { transform: translateY(-2vmin) }
  svg { width: 19vmin; height: 19vmin; color: ${tint}; fill: none; stroke: currentColor; stroke-width: 2.6;
    stroke-linecap: round; stroke-linejoin: round }
  h1 { margin-top: 5vmin; font-size: 8.2vmin; font-weight: 600; letter-spacing: -.01em }
  p { margin-top: 2.4vmin; font-size: 3.6vmin; color: #8b98a9 }
  footer { position: fixed; bottom: 4.5vmin; width: 100%; font-size: 2.7vmin; letter-spacing: .32em; text-indent: .32em;
    color: #57626f; text-transform: uppercase }
  @media (max-height: 200px) { p, footer { display: none } h1 { font-size: 12vmin } svg { width: 26vmin; height: 26vmin } }
</style><main><svg viewBox="0 0 64 64">${icon}</svg><h1>${word}</h1><p>${line}</p></main><footer>Crosspoint</footer>`;

const executablePath = findBrowser();
if (!executablePath) throw new Error('Chromium is needed to draw the slates.');
const directory = join(ROOT, 'assets/slates');
mkdirSync(directory, { recursive: true });

const browser = await chromium.launch({ executablePath });
try {
  for (const [kind, slate] of Object.entries(SLATES)) {
    for (const [width, height] of SIZES) {
      const tab = await browser.newPage({ viewport: { width, height } });
      await tab.setContent(page(slate));
      await tab.screenshot({
        path: join(directory, `${kind}-${width}x${height}.jpg`),
        type: 'jpeg',
        quality: 88,
      });
      await tab.close();
    }
    console.log(`slate: ${kind}`);
  }
} finally {
  await browser.close();
}
