import { expect } from 'vitest';
import { type Box, GADGET } from './vpi-box.ts';
import { allowed, CameraApp, type CameraResult, clientSeesGadget, disconnects } from './vpi-gadget.ts';

export const WEBCAM = `${GADGET}.webcam`;
/** The client's camera was never gone, and no picture was torn. */
export const INTACT = { failures: 0, corrupt: 0, noStart: 0, noEnd: 0, opened: 1 };

/** Everything is connected, and numbered pictures go to the client. Resolves with the USB disconnects so far. */
export async function ready(box: Box): Promise<number> {
  await box.connected();
  await clientSeesGadget(box.guest);
  await box.route('cam:one', WEBCAM);
  // Pictures that the box makes smaller for a slow link are not numbered any more.
  await box.engine.until(
    'pictures in full size',
    ({ status }) => status.cells[`cam:one|${WEBCAM}`]?.state === 'live',
    120_000,
  );
  return disconnects(box.guest);
}

/** The client's camera application for so long, with pictures coming. */
export async function watching(box: Box, seconds: number): Promise<CameraApp> {
  const app = new CameraApp(box.guest, `-d ${box.camera} -t ${seconds}`, (seconds + 60) * 1000);
  await app.saw('picture');
  return app;
}

/** A figure next to its goal; a busy machine is allowed more. */
export function within(what: string, ms: number, goalMs: number, seen: CameraResult): void {
  console.log(`${what}: ${Math.round(ms)} ms; goal ${goalMs} ms; starved ${seen.starved}`);
  expect(ms, what).toBeLessThanOrEqual(allowed(goalMs, seen));
}
