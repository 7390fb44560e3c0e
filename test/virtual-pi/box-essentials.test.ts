import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../support/pulse-wait.ts';
import { GADGET, useBox } from '../support/vpi-box.ts';
import { colourSeen } from '../support/vpi-colour.ts';
import { INTACT, ready, watching, WEBCAM, within } from '../support/vpi-faults.ts';
import {
  allowed,
  beforeSlateMs,
  CameraApp,
  type CameraResult,
  disconnects,
  frozenMs,
  pidOf,
  STARVED,
  watchCamera,
} from '../support/vpi-gadget.ts';
import { clientToSpeaker, microphoneToClient } from '../support/vpi-tones.ts';

/** The short form, in `npm test`. The numbers are those of what the project promises of the gadget; the rest is in the other files. */
const box = useBox('bare');
const SOUND_SECONDS = 8;
const SECOND_RUN_MS = 5000;
const ATTEMPTS = 3;
/** What the emulator may take where a Pi has to make it in 600 ms. */
const EMULATED_MS = 900;

test('5.1 a bare guest is provisioned by the command line over SSH; a second run takes less than 5 s', async () => {
  const firstMs = await box().setUp();
  const second = await box().cli('', 'gadget', 'provision', GADGET);
  console.log('provisioned in', Math.round(firstMs), 'ms, a second time in', Math.round(second.ms), 'ms');
  expect(second).toMatchObject({ code: 0 });
  expect(second.ms).toBeLessThan(SECOND_RUN_MS);
}, 300_000);

describe('the client computer', () => {
  test('5.2 sees one USB device with the names that the box gave it, its formats, and a sound card', async () => {
    const { guest, camera } = box();
    const devices = (await guest.ok('lsusb')).split('\n').filter((line) => !line.includes('root hub'));
    expect(devices).toHaveLength(1);
    expect(await guest.ok('cat /sys/bus/usb/devices/1-1/product')).toBe('Desk');
    expect(await guest.ok('v4l2-ctl --list-devices')).toContain('Desk Camera');
    const formats = await guest.ok(`v4l2-ctl -d ${camera} --list-formats-ext`);
    expect([...formats.matchAll(/Size: Discrete (\d+x\d+)/g)].map(([, size]) => size)).toEqual([
      ...['1280x720', '640x480', '640x360'],
    ]);
    for (const program of ['arecord', 'aplay']) expect(await guest.ok(`${program} -l`)).toContain('Desk');
  });

  test('5.3 sees the picture of the routed camera', async () => {
    await box().route('cam:red', WEBCAM);
    const { colour, seen } = await colourSeen(box());
    expect(colour).toBe('red');
    expect(seen).toMatchObject(INTACT);
  });

  test('5.3 sees a route switch the picture without an interruption of more than 100 ms', async () => {
    await box().route('cam:one', WEBCAM);
    let judged: CameraResult | undefined;
    for (let attempt = 0; attempt < 3; attempt++) {
      const app = new CameraApp(box().guest, `-d ${box().camera} -t 12`, 60_000);
      await app.saw('picture');
      for (const [source, number] of [
        ['cam:two', 2],
        ['cam:one', 1],
        ['cam:two', 2],
        ['cam:one', 1],
      ] as const) {
        const before = app.events.length;
        await box().route(source, WEBCAM);
        await eventually(
          'the client to see it',
          () => app.events.slice(before).some((e) => e.event === 'source' && e.value === number),
          5000,
        );
      }
      const seen = await app.result;
      // A cold camera's first picture may be long in coming: never is there a slate, or nothing, meanwhile.
      expect(seen.events.filter(({ event }) => event === 'slate' || event === 'nothing')).toEqual([]);
      expect(seen).toMatchObject({ ...INTACT, errors: 0, empty: 0 });
      const interruptions = seen.events
        .filter(({ event }) => event === 'switched')
        .map(({ value }) => value ?? 0);
      console.log('switches, ms from the last new picture of one to the first of the other:', interruptions, {
        longestGap: seen.gapMs?.max,
        starved: seen.starved,
      });
      expect(interruptions).toHaveLength(4);
      if (Math.max(...interruptions) <= 100) return;
      if (seen.starved < STARVED) judged = seen;
    }
    expect(judged, 'an interruption of more than 100 ms, though the machine had its time').toBeUndefined();
  });

  test("5.3 opens its camera: the tally goes on in the box's state within a second, and ends with it", async () => {
    await box().route('cam:one', WEBCAM);
    const { engine } = box();
    await engine.until('nobody looks', ({ status }) => status.tally[WEBCAM] === false);
    const app = new CameraApp(box().guest, `-d ${box().camera} -t 4`, 60_000);
    await app.saw('picture');
    const from = performance.now();
    await engine.until('the tally to go on', ({ status }) => status.tally[WEBCAM] === true, 1000);
    const onMs = Math.round(performance.now() - from);
    await app.result;
    const closed = performance.now();
    await engine.until('the tally to go off', ({ status }) => status.tally[WEBCAM] === false, 1500);
    console.log(
      'tally after the first picture',
      onMs,
      'ms; off after',
      Math.round(performance.now() - closed),
    );
  });

  test("5.5 plays a tone that arrives at the box's speaker: pitch, level within 1 dB, no gap", () =>
    clientToSpeaker(box(), SOUND_SECONDS));

  test("5.5 records a tone of the box's microphone: pitch, level within 1 dB, no gap", () =>
    microphoneToClient(box(), SOUND_SECONDS));
});

describe('while the client streams', () => {
  let unplugged = 0;
  beforeEach(async () => {
    unplugged = await ready(box());
  }, 300_000);
  afterEach(async () => {
    expect(await disconnects(box().guest), 'USB disconnects').toBe(unplugged);
  });

  test('5.6 kill -9 of crosspoint-uvc: the picture is back, sound is untouched', async () => {
    const { guest } = box();
    const audio = await pidOf(guest, 'audio');
    for (let attempt = 1; ; attempt++) {
      const app = await watching(box(), 6);
      await guest.ok('systemctl kill -s KILL crosspoint-uvc');
      const seen = await app.result;
      expect(seen).toMatchObject(INTACT);
      expect(await pidOf(guest, 'audio')).toBe(audio);
      const gapMs = seen.gapMs?.max ?? NaN;
      console.log('kill -9 crosspoint-uvc: the longest gap', gapMs, 'ms; goal 600 ms; starved', seen.starved);
      // Most of it is how long an emulated machine takes to start a process, which differs from time to time.
      if (gapMs <= 600) return;
      if (attempt < ATTEMPTS) continue;
      expect(gapMs).toBeLessThanOrEqual(allowed(EMULATED_MS, seen));
      return;
    }
  });

  test('5.6 kill -9 of crosspoint-video: back in 2 s, sound is untouched', async () => {
    const { guest } = box();
    const audio = await pidOf(guest, 'audio');
    const app = await watching(box(), 8);
    await guest.ok('systemctl kill -s KILL crosspoint-video');
    await app.saw('frozen');
    const seen = await app.result;
    expect(seen).toMatchObject(INTACT);
    within('kill -9 crosspoint-video: without a new picture', frozenMs(seen), 2000, seen);
    expect(await pidOf(guest, 'audio')).toBe(audio);
    await box().connected(5000);
  });

  test("5.6 kill -9 of the box's engine: the slate within a second, everything back 3 s after its return", async () => {
    const app = await watching(box(), 20);
    const [slates, pictures] = [app.count('slate'), app.count('picture')];
    await box().engine.stop('SIGKILL');
    await app.saw('slate', slates, 10_000);
    box().engine = await box().engine.restart();
    const returned = performance.now();
    await app.saw('picture', pictures, 20_000);
    const pictureMs = performance.now() - returned;
    await box().connected(20_000);
    const soundMs = performance.now() - returned;
    const seen = await app.result;
    within('kill -9 of the engine: the slate', beforeSlateMs(seen), 1000, seen);
    within('kill -9 of the engine: the picture after its return', pictureMs, 3000, seen);
    within('kill -9 of the engine: everything connected after its return', soundMs, 3000, seen);
    expect(seen).toMatchObject(INTACT);
  });

  test('5.9 a wrong RTMP token: refused, in the log, the slate shows, sound goes on', async () => {
    const { guest, engine } = box();
    const conf = await guest.ok('cat /etc/crosspoint/gadget.conf');
    const log = engine.log.length;
    await guest.ok(
      "sed -i 's/token=.*/token=wrongwrongwrong/' /etc/crosspoint/gadget.conf && systemctl restart crosspoint-video",
    );
    await eventually('the refusal', () => engine.log.slice(log).includes('refused: wrong token'), 20_000);
    const { status } = await engine.until(
      'that it is not connected',
      ({ status: { gadgets } }) => gadgets[GADGET]?.video === 'offline',
    );
    expect(status.cells[`cam:one|${WEBCAM}`]?.state).toBe('offline');
    expect(status.gadgets[GADGET]?.audio).toBe('connected');
    expect(engine.log.slice(log)).not.toContain('wrongwrongwrong');
    expect((await watchCamera(guest, '', 3)).numbered).toBe(0);
    await guest.put('/etc/crosspoint/gadget.conf', `${conf}\n`, '640');
    await guest.ok('chgrp crosspoint /etc/crosspoint/gadget.conf && systemctl restart crosspoint-video');
    await box().connected(20_000);
  });

  test('5.9 a wrong cookie: sound is refused, the Pi says so, pictures go on', async () => {
    const { guest, engine } = box();
    const file = '/etc/crosspoint/pulse-cookie';
    await guest.ok(
      `cp -p ${file} ${file}.kept && head -c 256 /dev/zero > ${file} && systemctl restart crosspoint-audio`,
    );
    await engine.until('no sound', ({ status }) => status.gadgets[GADGET]?.audio === 'offline', 20_000);
    await eventually(
      'the Pi to say why',
      async () => (await guest.ok('journalctl -b -n 5 -o cat -u crosspoint-audio')).includes('Access denied'),
      20_000,
      300,
    );
    // Each of its attempts reserves 64 MB: what of it is not used costs neither memory nor time.
    const kib = await guest.ok(
      `sed -n 's/^VmRSS:[^0-9]*\\([0-9]*\\).*/\\1/p' /proc/${await pidOf(guest, 'audio')}/status`,
    );
    expect(Number(kib)).toBeLessThan(20_000);
    expect((await engine.state()).status.gadgets[GADGET]?.video).toBe('connected');
    expect((await watchCamera(guest, '', 3)).numbered).toBeGreaterThan(30);
    await guest.ok(`mv ${file}.kept ${file} && systemctl restart crosspoint-audio`);
    await box().connected(20_000);
  });
});
