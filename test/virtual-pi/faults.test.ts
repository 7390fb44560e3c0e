import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../support/pulse-wait.ts';
import {
  allowed,
  CameraApp,
  clientSeesGadget,
  disconnects,
  beforeSlateMs,
  frozenMs,
  pidOf,
} from '../support/vpi-gadget.ts';
import { useGadget } from '../support/vpi-rig.ts';

const rig = useGadget();

/** The client's camera application for so long, with fresh pictures coming. */
async function watching(seconds: number): Promise<CameraApp> {
  const app = new CameraApp(rig.guest, `-d ${rig.camera} -t ${seconds}`, (seconds + 60) * 1000);
  await app.saw('picture');
  return app;
}

const soundIsConnected = (): Promise<true> =>
  eventually(
    'both streams of the gadget on the box',
    async () => (await rig.sound.streams()) === 2,
    30_000,
    100,
  );

let unplugged = 0;
beforeEach(async () => {
  await clientSeesGadget(rig.guest);
  await soundIsConnected();
  unplugged = await disconnects(rig.guest);
});
afterEach(async () => {
  expect(await disconnects(rig.guest), 'USB disconnects').toBe(unplugged);
});

describe('while the client streams', () => {
  test('kill -9 of crosspoint-uvc: no USB disconnect, the picture is back in 600 ms, sound is untouched', async () => {
    const audio = await pidOf(rig.guest, 'audio');
    const app = await watching(8);
    const before = await pidOf(rig.guest, 'uvc');
    await rig.guest.ok('systemctl kill -s KILL crosspoint-uvc');
    const seen = await app.result;
    expect(await pidOf(rig.guest, 'uvc')).not.toBe(before);
    expect(seen).toMatchObject({ failures: 0, corrupt: 0, noStart: 0, noEnd: 0, opened: 1 });
    expect(seen.events.filter(({ event }) => event === 'unplugged')).toEqual([]);
    console.log(
      'kill -9 crosspoint-uvc: longest gap',
      seen.gapMs?.max,
      'ms, without a new picture',
      frozenMs(seen),
      'ms',
    );
    expect(seen.gapMs?.max).toBeLessThan(allowed(600, seen));
    expect(await pidOf(rig.guest, 'audio')).toBe(audio);
  });

  test('SIGSTOP of crosspoint-uvc: the watchdog replaces it, the client keeps its camera', async () => {
    const app = await watching(14);
    const before = await pidOf(rig.guest, 'uvc');
    await rig.guest.ok(`kill -STOP ${before}`);
    const seen = await app.result;
    expect(await pidOf(rig.guest, 'uvc')).not.toBe(before);
    expect(seen).toMatchObject({ failures: 0, corrupt: 0, opened: 1 });
    console.log('SIGSTOP crosspoint-uvc: longest gap', seen.gapMs?.max, 'ms');
    expect(seen.gapMs?.max).toBeLessThan(allowed(3500, seen));
  });

  test('kill -9 of crosspoint-video: frames go on, new pictures are back in 2 s', async () => {
    const audio = await pidOf(rig.guest, 'audio');
    const app = await watching(8);
    await rig.guest.ok('systemctl kill -s KILL crosspoint-video');
    await app.saw('frozen');
    const seen = await app.result;
    console.log(
      'kill -9 crosspoint-video: without a new picture',
      frozenMs(seen),
      'ms, longest gap',
      seen.gapMs?.max,
      'ms',
    );
    expect(frozenMs(seen)).toBeLessThan(allowed(2000, seen));
    expect(seen.gapMs?.max).toBeLessThan(allowed(150, seen));
    expect(await pidOf(rig.guest, 'audio')).toBe(audio);
  });

  test('SIGSTOP of crosspoint-video: the slate within a second, then the watchdog acts', async () => {
    const app = await watching(14);
    const [slates, pictures] = [app.count('slate'), app.count('picture')];
    await rig.guest.ok(`kill -STOP ${await pidOf(rig.guest, 'video')}`);
    const slate = await app.saw('slate', slates, 10_000);
    const back = await app.saw('picture', pictures, 20_000);
    const seen = await app.result;
    console.log('SIGSTOP crosspoint-video: slate for', back.at - slate.at, 's');
    expect(frozenMs(seen)).toBeLessThan(allowed(6000, seen));
  });

  test('kill -9 of crosspoint-audio: its streams are back in 2 s, the picture is untouched', async () => {
    const app = await watching(10);
    const before = await pidOf(rig.guest, 'audio');
    await rig.guest.ok('systemctl kill -s KILL crosspoint-audio');
    const from = performance.now();
    await eventually(
      'another crosspoint-audio',
      async () => ![0, before].includes(await pidOf(rig.guest, 'audio')),
      20_000,
    );
    await soundIsConnected();
    const took = performance.now() - from;
    const seen = await app.result;
    console.log('kill -9 crosspoint-audio: connected again after', Math.round(took), 'ms');
    expect(took).toBeLessThan(allowed(2000, seen));
    expect(seen.events.filter(({ event }) => event === 'slate')).toEqual([]);
  });

  test("the box's engine vanishes and returns: the slate within a second, everything back in 3 s", async () => {
    const app = await watching(20);
    const [slates, pictures] = [app.count('slate'), app.count('picture')];
    const gone = performance.now();
    await rig.box.vanish();
    await rig.sound.kill();
    await app.saw('slate', slates, 10_000);
    const slateAfter = performance.now() - gone;
    await eventually('the box to have been away for 6 s', () => performance.now() - gone > 6000, 10_000);
    await rig.box.listen();
    await rig.sound.launch();
    const returned = performance.now();
    await app.saw('picture', pictures, 20_000);
    const pictureAfter = performance.now() - returned;
    await soundIsConnected();
    const soundAfter = performance.now() - returned;
    const seen = await app.result;
    console.log('the box vanishes:', { slateAfter, pictureAfter, soundAfter });
    expect(slateAfter).toBeLessThan(allowed(1000, seen));
    expect(pictureAfter).toBeLessThan(allowed(3000, seen));
    expect(soundAfter).toBeLessThan(allowed(3000, seen));
    expect(seen).toMatchObject({ failures: 0, corrupt: 0, opened: 1 });
  });
});

test('20 s without a network: the slate shows, and everything is back 3 s after its return', async () => {
  // The client computer is the same guest: its report comes when SSH works again.
  const app = await watching(32);
  const plays = rig.box.plays;
  await rig.guest.setNetwork(false);
  const cut = performance.now();
  await eventually('20 s', () => performance.now() - cut > 20_000, 30_000, 200);
  await rig.guest.setNetwork(true);
  const seen = await app.result;
  const slateAfter = beforeSlateMs(seen);
  console.log(
    '20 s without a network: no new picture for',
    frozenMs(seen),
    'ms, slate after',
    slateAfter,
    'ms',
  );
  expect(slateAfter).not.toBeNaN();
  expect(frozenMs(seen)).toBeLessThan(20_000 + allowed(3000, seen));
  expect(slateAfter).toBeLessThan(allowed(1000, seen));
  expect(rig.box.plays).toBeGreaterThan(plays);
  expect(seen).toMatchObject({ failures: 0, corrupt: 0, opened: 1 });
  await soundIsConnected();
});
