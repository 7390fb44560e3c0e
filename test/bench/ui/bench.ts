import { chromium, type Browser, type CDPSession, type Page } from '@playwright/test';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { NO_COOKIE, parseAddresses, PulseClient } from '../../../electron/audio/pulse/index.ts';
import { findBrowser } from '../../../build/system-packages.mjs';
import { EngineProcess, flows, temporaryDirectory } from '../../support/engine-process.ts';
import { type Figure, figureTable, machine, median, quantile } from '../support/figures.ts';

const { values: options } = parseArgs({
  options: {
    /** How often each time is taken. */
    rounds: { type: 'string', default: '5' },
    switches: { type: 'string', default: '40' },
    /** How long meters move while frames are counted, and memory is watched. */
    seconds: { type: 'string', default: '10' },
    minutes: { type: 'string', default: '2' },
  },
});
/** All of them play, each to the next one's microphone: 32 meters are in sight and move. */
const GADGETS = 20;
const rounds = Number(options.rounds);
const figures: Figure[] = [];

const directory = await temporaryDirectory('bench-ui');
const home = join(directory.path, 'home');
await mkdir(home, { mode: 0o700 });
const startEngine = (name: string, args: readonly string[]): Promise<EngineProcess> =>
  EngineProcess.start({
    stateDir: join(directory.path, name),
    args,
    env: { HOME: home, XDG_RUNTIME_DIR: home, PULSE_SERVER: '' },
  });

/** From "ready" on the engine's output to a matrix that can be clicked, in a browser that is open already. */
async function firstMatrix(browser: Browser): Promise<number> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  await using engine = await startEngine(`first-${performance.now()}`, []);
  const readyAt = performance.now();
  await engine.run({ type: 'gadget.add', name: 'Desk' }, { type: 'camera.add', name: 'Front', kind: 'test' });
  await page.goto(engine.http, { waitUntil: 'commit' });
  await page.waitForSelector('[data-testid="cell:cam:front|desk.webcam"]');
  const ms = performance.now() - readyAt;
  await context.close();
  return ms;
}

/** From a click on a cell to the cell being live, by the page's own clock. */
async function switchTimes(page: Page, source: string, destination: string): Promise<number[]> {
  const times: number[] = [];
  const id = `cell:${source}|${destination}`;
  await page.getByTestId(id).waitFor();
  for (let i = 0; i < Number(options.switches); i++) {
    times.push(
      await page.evaluate(
        ({ testId }) =>
          new Promise<number>((resolve) => {
            const cell = document.querySelector<HTMLElement>(`[data-testid="${testId}"]`);
            if (!cell) throw new Error('no cell');
            const begin = performance.now();
            const observer = new MutationObserver(() => {
              if (cell.dataset.state !== 'live' && cell.dataset.state !== 'degraded') return;
              observer.disconnect();
              resolve(performance.now() - begin);
            });
            observer.observe(cell, { attributeFilter: ['data-state'] });
            cell.click();
          }),
        { testId: id },
      ),
    );
    await page.getByTestId(id).click();
    await page.waitForFunction(
      (testId) => document.querySelector<HTMLElement>(`[data-testid="${testId}"]`)?.dataset.state === 'off',
      id,
    );
  }
  return times;
}

const switchFigures = (what: string, times: readonly number[]): Figure[] => [
  { what: `click → cell live, ${what}: median`, value: median(times), unit: 'ms', digits: 0, limit: 100 },
  { what: `click → cell live, ${what}: p95`, value: quantile(times, 0.95), unit: 'ms', digits: 0 },
];

/** 50 frames a second are 20 ms for each. */
const frameFigures = (what: string, { fps, worstMs }: Frames): Figure[] => [
  {
    what: `${what}: mean time between frames (${fps.toFixed(0)} fps)`,
    value: 1000 / fps,
    unit: 'ms',
    digits: 1,
    limit: 20,
  },
  { what: `${what}: longest`, value: worstMs, unit: 'ms', digits: 0 },
];

interface Frames {
  readonly fps: number;
  readonly worstMs: number;
  readonly meters: number;
}

/** Frames that the page draws while its meters move. */
const countFrames = (page: Page, seconds: number): Promise<Frames> =>
  page.evaluate(
    (limitMs) =>
      new Promise<Frames>((resolve) => {
        const begin = performance.now();
        let last = begin;
        let frames = 0;
        let worstMs = 0;
        const next = (now: number): void => {
          frames += 1;
          worstMs = Math.max(worstMs, now - last);
          last = now;
          if (now - begin < limitMs) requestAnimationFrame(next);
          else
            resolve({
              fps: (frames * 1000) / (now - begin),
              worstMs,
              meters: document.querySelectorAll('canvas.meter[data-level]:not([data-level="none"])').length,
            });
        };
        requestAnimationFrame(next);
      }),
    seconds * 1000,
  );

async function heapMb(cdp: CDPSession): Promise<number> {
  await cdp.send('HeapProfiler.collectGarbage');
  const { usedSize } = (await cdp.send('Runtime.getHeapUsage')) as { usedSize: number };
  return usedSize / 1e6;
}

const executablePath = findBrowser();
const browser = await chromium.launch({
  ...(executablePath === undefined ? {} : { executablePath }),
  args: ['--disable-background-networking', '--no-first-run'],
});
try {
  const starts: number[] = [];
  for (let i = 0; i < rounds; i++) starts.push(await firstMatrix(browser));
  figures.push({
    what: 'serve ready → first usable matrix, median',
    value: median(starts),
    unit: 'ms',
    digits: 0,
    limit: 1500,
  });

  {
    await using engine = await startEngine('demo', ['--demo']);
    await engine.until(
      'the demo rig is live',
      (state) =>
        state.config.routes.length === 5 &&
        state.config.routes.every(({ source, destination }) => flows(state, source, destination)),
      60_000,
    );
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    await page.addInitScript('globalThis.__name = (f) => f');
    await page.goto(engine.http);
    const sound = await switchTimes(page, 'mic:demo-tone', 'demo-desktop.mic');
    figures.push(...switchFigures('sound', sound));
    const video = await switchTimes(page, 'ingest:demo-phone', 'demo-laptop.webcam');
    figures.push(...switchFigures('picture', video));
    await context.close();
  }

  {
    await using engine = await startEngine('large', []);
    await largeRig(engine);
    const tones = await playTones(engine);
    const context = await browser.newContext({ viewport: { width: 1920, height: 1200 } });
    const page = await context.newPage();
    // The compiler of this file gives functions a name by a helper which the page does not have.
    await page.addInitScript('globalThis.__name = (f) => f');
    await page.goto(engine.http);
    await page.getByTestId('matrix').waitFor();
    await delay(2000);
    const still = await countFrames(page, Number(options.seconds));
    figures.push(...frameFigures(`40×40 matrix, ${still.meters} meters moving`, still));
    const scrolling = await Promise.all([countFrames(page, Number(options.seconds)), scroll(page)]);
    figures.push(...frameFigures('the same while it is scrolled', scrolling[0]));
    const cdp = await context.newCDPSession(page);
    const before = await heapMb(cdp);
    await delay(Number(options.minutes) * 60_000);
    const after = await heapMb(cdp);
    figures.push(
      { what: 'memory of the page at first', value: before, unit: 'MB', digits: 1 },
      {
        what: `growth in ${options.minutes} min of meters`,
        value: after - before,
        unit: 'MB',
        digits: 1,
        limit: 5,
      },
    );
    tones.dispose();
  }
} finally {
  await browser.close();
  await directory.remove();
}

/** 40 sources and 40 destinations: 20 gadgets and 20 cameras; each return goes to the next gadget's mic. */
async function largeRig(engine: EngineProcess): Promise<void> {
  await engine.run(
    ...Array.from({ length: GADGETS }, (_, i) => ({ type: 'gadget.add', name: `Room ${i + 1}` })),
    ...Array.from({ length: GADGETS }, (_, i) => ({
      type: 'camera.add',
      name: `Camera ${i + 1}`,
      kind: 'test',
    })),
  );
  await engine.run(
    ...Array.from({ length: GADGETS }, (_, i) => ({
      type: 'route',
      source: `room-${i + 1}.return`,
      destination: `room-${((i + 1) % GADGETS) + 1}.mic`,
    })),
  );
}

/** A sound that swells and fades on each return, as if its computer played it. */
async function playTones(engine: EngineProcess): Promise<PulseClient> {
  const [address] = parseAddresses(engine.pulse);
  if (!address) throw new Error('the engine has no sound server');
  const client = await PulseClient.connect({ address, cookie: NO_COOKIE });
  const rateHz = 8000;
  for (let i = 0; i < GADGETS; i++) {
    let frame = 0;
    await client.play({
      name: 'swell',
      sink: `crosspoint.room-${i + 1}.return`,
      format: 'float32le',
      channels: 1,
      rateHz,
      targetMs: 500,
      onWritable: (bytes, out) => {
        const pcm = Buffer.alloc(bytes);
        for (let at = 0; at < bytes; at += 4, frame++) {
          const swell = 0.5 + 0.45 * Math.sin((frame / rateHz) * (3 + i / 4));
          pcm.writeFloatLE(swell * Math.sin((2 * Math.PI * 440 * frame) / rateHz), at);
        }
        out.write(pcm);
      },
    });
  }
  return client;
}

async function scroll(page: Page): Promise<void> {
  const until = performance.now() + Number(options.seconds) * 1000;
  const box = await page.getByTestId('matrix').boundingBox();
  if (!box) return;
  await page.mouse.move(box.x + 600, box.y + 400);
  for (let down = true; performance.now() < until; down = !down)
    for (let i = 0; i < 12 && performance.now() < until; i++) {
      await page.mouse.wheel(0, down ? 90 : -90);
      await delay(30);
    }
}

process.stdout.write(`${machine()}\n\n${figureTable(figures)}\n`);
