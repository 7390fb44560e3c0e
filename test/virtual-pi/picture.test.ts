import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/pulse-wait.ts';
import {
  CameraApp,
  clientSeesGadget,
  configure,
  gadgetPackage,
  installClients,
  installPackage,
  watchCamera,
} from '../support/vpi-gadget.ts';
import { VirtualPi } from '../support/vpi-guest.ts';
import { VideoBox } from '../support/vpi-video-box.ts';

let guest: VirtualPi;
let box: VideoBox;
let camera: string;

beforeAll(async () => {
  const deb = await gadgetPackage();
  guest = await VirtualPi.start();
  box = await VideoBox.start();
  await installClients(guest);
  await installPackage(guest, deb);
  await configure(guest, { label: 'Desk 1', rtmp_url: box.url() });
  camera = await clientSeesGadget(guest);
});
afterAll(async () => {
  await box?.dispose();
  await guest?.dispose();
});

test('the client gets the routed camera at 720p with 90 KB pictures, at least 29 a second, without a fault', async () => {
  const seen = await watchCamera(guest, `-k ${box.clock}`, 20);
  console.log('720p30, 90 KB:', {
    fps: seen.fps,
    latencyMs: seen.latencyMs,
    gapMs: seen.gapMs,
    repeated: seen.repeated,
    skipped: seen.skipped,
    other: seen.other,
  });
  expect(seen).toMatchObject({
    corrupt: 0,
    errors: 0,
    noStart: 0,
    noEnd: 0,
    empty: 0,
    backwards: 0,
    source: 1,
  });
  expect(seen.fps).toBeGreaterThanOrEqual(29);
  expect(seen.bytes / seen.frames).toBeGreaterThan(85_000);
});

test('the box hears within a second that the webcam is in use, and that it is no more', async () => {
  const app = new CameraApp(guest, `-d ${camera} -t 4`, 60_000);
  await app.saw('picture');
  await eventually('the tally to go on', () => box.tally.webcam === true, 1000);
  await app.result;
  await eventually('the tally to go off', () => box.tally.webcam === false, 1500);
});

test('a switch of the routed camera shows on the next picture, without an interruption', async () => {
  const app = new CameraApp(guest, `-d ${camera} -t 8`, 60_000);
  await app.saw('picture');
  for (const source of [2, 3, 1]) {
    await new Promise((resolve) => setTimeout(resolve, 1500));
    box.source = source;
    await eventually(
      'the client to see it',
      () => app.events.some((e) => e.event === 'source' && e.value === source),
      3000,
    );
  }
  const seen = await app.result;
  expect(seen.events.filter(({ event }) => event === 'slate')).toEqual([]);
  expect(seen.corrupt).toBe(0);
  expect(box.plays).toBe(1);
});

test('another picture size is asked of the box and arrives in it', async () => {
  const seen = await watchCamera(guest, '-g 640x360', 4);
  expect(box.format).toMatchObject({ width: 640, height: 360 });
  expect(seen.numbered).toBeGreaterThan(60);
  expect(seen.corrupt).toBe(0);
});

test('statistics arrive every second', async () => {
  const app = new CameraApp(guest, `-d ${camera} -t 5`, 60_000);
  await app.saw('picture');
  await eventually('a rate in the statistics', () => Number(box.stats.fps) > 25, 5000);
  expect(box.stats).toMatchObject({ hostConnected: 1, usbErrors: 0, budgetBytes: 134_933 });
  await app.result;
});

test('a box that is connected and sends nothing gets the slate, with its reason, and its pictures back', async () => {
  const app = new CameraApp(guest, `-d ${camera} -t 14 -s /tmp/last.jpg`, 60_000);
  await app.saw('picture');
  box.sending = false;
  await app.saw('slate', 0, 10_000);
  box.sending = true;
  await app.saw('picture', 1, 5000);
  expect((await app.result).failures).toBe(0);
});

test('a wrong token is refused, the slate shows, and the right one works again', async () => {
  const refused = box.refused;
  await configure(guest, { label: 'Desk 1', rtmp_url: box.url(undefined, 'wrong') });
  const app = new CameraApp(guest, `-d ${camera} -t 4`, 60_000);
  const seen = await app.result;
  expect(seen.numbered).toBe(0);
  expect(seen.fps).toBeGreaterThan(28.8);
  expect(box.refused).toBeGreaterThan(refused);
  expect(await guest.ok('journalctl -b -u crosspoint-video --no-pager')).not.toContain('wrong');
  await configure(guest, { label: 'Desk 1', rtmp_url: box.url() });
  expect((await watchCamera(guest, '', 3)).numbered).toBeGreaterThan(0);
});
