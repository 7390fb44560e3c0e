#!/usr/bin/env node
// Draws the icons: `node build/icons.mjs`, after a change of this file. The results are committed.
// The motif is the routing matrix: lines of sources crossing lines of destinations, and one crosspoint that is lit.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { ROOT } from './setup.mjs';
import { findBrowser } from './system-packages.mjs';

const TILE = '#111a24';
const LINE = '#3f5266';
const LIT = '#2fd6b3';

/**
 * A matrix of 3 × 3 on a tile of 64 × 64; the crosspoint of the second column and row is lit.
 * @param {{ lit: string, dot?: number, line?: number, extra?: string }} look
 */
const matrix = ({ lit, dot = 8.5, line = 3, extra = '' }) => {
  const places = [16, 32, 48];
  const dots = places
    .flatMap((y) => places.map((x) => ({ x, y })))
    .filter(({ x, y }) => x !== 32 || y !== 32);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">
  <rect width="64" height="64" rx="14" fill="${TILE}"/>
  <g stroke="${LINE}" stroke-width="${line}" stroke-linecap="round">
    <path d="M16 10v44M48 10v44M10 16h44M10 48h44"/>
  </g>
  <path d="M32 10v22M10 32h22" stroke="${lit}" stroke-width="${line + 1}" stroke-linecap="round"/>
  <path d="M32 32v22M32 32h22" stroke="${LINE}" stroke-width="${line}" stroke-linecap="round"/>
  <g fill="${TILE}" stroke="${LINE}" stroke-width="${line - 0.5}">
${dots.map(({ x, y }) => `    <circle cx="${x}" cy="${y}" r="4"/>`).join('\n')}
  </g>
  <circle cx="32" cy="32" r="${dot + 4.5}" fill="${lit}" opacity=".25"/>
  <circle cx="32" cy="32" r="${dot}" fill="${lit}"/>${extra}
</svg>
`;
};

/**
 * For the tray: so small that only two lines and their crosspoint stay; each state has its own shape.
 * @param {{ ring: string, mark: string }} look
 */
const small = ({ ring, mark }) => `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
  <rect x="1" y="1" width="30" height="30" rx="8" fill="${TILE}" stroke="${ring}" stroke-width="2"/>
${mark}
</svg>
`;
const cross = (/** @type {string} */ color) =>
  `  <path d="M16 6v20M6 16h20" stroke="${color}" stroke-width="3" stroke-linecap="round"/>`;

const DRAWINGS = {
  'icons/icon': matrix({ lit: LIT }),
  'tray/normal': small({
    ring: '#5b7186',
    mark: `${cross('#9fb3c6')}\n  <circle cx="16" cy="16" r="6" fill="${LIT}"/>`,
  }),
  'tray/muted': small({
    ring: '#5b7186',
    mark: `${cross('#6d8296')}\n  <circle cx="16" cy="16" r="5.5" fill="${TILE}" stroke="#c9d4de" stroke-width="2.5"/>
  <path d="M7 25 25 7" stroke="${TILE}" stroke-width="7" stroke-linecap="round"/>
  <path d="M7 25 25 7" stroke="#ff6b5e" stroke-width="3.5" stroke-linecap="round"/>`,
  }),
  'tray/on-air': small({
    ring: '#ff4d42',
    mark: `${cross('#ffb3ad')}\n  <circle cx="16" cy="16" r="8" fill="#ff4d42"/>\n  <circle cx="16" cy="16" r="3.2" fill="#fff"/>`,
  }),
  'tray/trouble': small({
    ring: '#ffb020',
    mark: `  <path d="M16 5.5 27 25H5Z" fill="#ffb020" stroke="#ffb020" stroke-width="2" stroke-linejoin="round"/>
  <path d="M16 12v6" stroke="${TILE}" stroke-width="3" stroke-linecap="round"/>
  <circle cx="16" cy="22" r="1.8" fill="${TILE}"/>`,
  }),
};

/** @type {readonly { drawing: keyof typeof DRAWINGS, file: string, size: number }[]} */
const PICTURES = [
  ...[16, 24, 32, 48, 64, 128, 256, 512].map((size) => ({
    drawing: /** @type {const} */ ('icons/icon'),
    file: `icons/${size}x${size}.png`,
    size,
  })),
  .../** @type {const} */ (['tray/normal', 'tray/muted', 'tray/on-air', 'tray/trouble']).flatMap(
    (drawing) => [
      { drawing, file: `${drawing}.png`, size: 32 },
      { drawing, file: `${drawing}@2x.png`, size: 64 },
    ],
  ),
];

const executablePath = findBrowser();
if (!executablePath) throw new Error('Chromium is needed to draw the icons.');

for (const folder of ['icons', 'tray']) {
  rmSync(join(ROOT, 'assets', folder), { recursive: true, force: true });
  mkdirSync(join(ROOT, 'assets', folder), { recursive: true });
}
for (const [name, drawing] of Object.entries(DRAWINGS))
  writeFileSync(join(ROOT, 'assets', `${name}.svg`), drawing);

const browser = await chromium.launch({ executablePath });
try {
  const page = await browser.newPage();
  for (const { drawing, file, size } of PICTURES) {
    await page.setViewportSize({ width: size, height: size });
    const style = 'html,body{margin:0;background:transparent}svg{display:block;width:100vw;height:100vh}';
    await page.setContent(`<style>${style}</style>${DRAWINGS[drawing]}`);
    await page.screenshot({ path: join(ROOT, 'assets', file), omitBackground: true });
  }
} finally {
  await browser.close();
}
console.log(`drew ${Object.keys(DRAWINGS).length} drawings, ${PICTURES.length} pictures`);
