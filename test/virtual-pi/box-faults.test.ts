import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../support/pulse-wait.ts';
import { GADGET, PASSWORD, useBox } from '../support/vpi-box.ts';
import { INTACT, ready, watching, within } from '../support/vpi-faults.ts';
import {
  beforeSlateMs,
  clientSeesGadget,
  disconnects,
  frozenMs,
  pidOf,
  watchCamera,
} from '../support/vpi-gadget.ts';

const box = useBox();
let unplugged = 0;
beforeEach(async () => {
  unplugged = await ready(box());
}, 300_000);

describe('while the client streams', () => {
  afterEach(async () => {
    expect(await disconnects(box().guest), 'USB disconnects').toBe(unplugged);
  });

  test('SIGSTOP of crosspoint-uvc: the watchdog acts', async () => {
    const { guest } = box();
    const before = await pidOf(guest, 'uvc');
    const app = await watching(box(), 14);
    await guest.ok(`kill -STOP ${before}`);
    const seen = await app.result;
    expect(await pidOf(guest, 'uvc')).not.toBe(before);
    expect(seen).toMatchObject(INTACT);
    within('SIGSTOP crosspoint-uvc: the longest gap', seen.gapMs?.max ?? NaN, 3500, seen);
  });

  test('SIGSTOP of crosspoint-video: the slate within a second, back within 3 s of its return', async () => {
    const { guest } = box();
    const app = await watching(box(), 14);
    const before = await pidOf(guest, 'video');
    const [slates, pictures] = [app.count('slate'), app.count('picture')];
    await guest.ok(`kill -STOP ${before}`);
    await app.saw('slate', slates, 10_000);
    await eventually(
      'the watchdog to replace it',
      async () => ![0, before].includes(await pidOf(guest, 'video')),
      20_000,
      100,
    );
    const returned = performance.now();
    await app.saw('picture', pictures, 20_000);
    const backMs = performance.now() - returned;
    const seen = await app.result;
    within('SIGSTOP crosspoint-video: the slate', beforeSlateMs(seen), 1000, seen);
    within('SIGSTOP crosspoint-video: back after its return', backMs, 3000, seen);
    expect(seen).toMatchObject(INTACT);
  });

  test('kill -9 of crosspoint-audio: back in 2 s, the picture is untouched', async () => {
    const { guest, engine } = box();
    const app = await watching(box(), 10);
    const audioIs = (state: string) =>
      engine.until(`its sound ${state}`, ({ status }) => status.gadgets[GADGET]?.audio === state, 20_000);
    const [from] = await Promise.all([
      audioIs('offline').then(() => performance.now()),
      guest.ok('systemctl kill -s KILL crosspoint-audio'),
    ]);
    await audioIs('connected');
    const took = performance.now() - from;
    const seen = await app.result;
    within('kill -9 crosspoint-audio: connected again', took, 2000, seen);
    expect(seen).toMatchObject(INTACT);
    expect(seen.events.filter(({ event }) => event === 'nothing')).toEqual([]);
  });

  test('20 s without a network: the slate within a second, everything back 3 s after its return', async () => {
    // The client computer is the same guest: its report comes when SSH works again.
    const app = await watching(box(), 34);
    await box().guest.setNetwork(false);
    const cut = performance.now();
    await box().engine.until(
      'the box to notice',
      ({ status }) => status.gadgets[GADGET]?.video === 'offline',
      20_000,
    );
    await eventually('20 s', () => performance.now() - cut > 20_000, 30_000, 200);
    await box().guest.setNetwork(true);
    const seen = await app.result;
    within('20 s without a network: the slate', beforeSlateMs(seen), 1000, seen);
    within('20 s without a network: no new picture', frozenMs(seen), 23_000, seen);
    expect(seen).toMatchObject(INTACT);
    await box().connected(20_000);
  });

  test('a changed SSH host key: refused and shown, nothing is done over SSH, pictures and sound go on', async () => {
    const { guest, engine } = box();
    const audio = await pidOf(guest, 'audio');
    const management = (state: string) =>
      engine.until(
        `management ${state}`,
        ({ status }) => status.gadgets[GADGET]?.management?.state === state,
        60_000,
      );
    const { fingerprint } = (await management('ready')).status.gadgets[GADGET]!.management!;
    const logins = 'journalctl -b -o cat -t sshd -t sshd-session | grep -c "password for pi" || true';
    const loggedIn = await guest.ok(logins);
    const app = await watching(box(), 30);
    // Who is logged in stays so: the box has to come anew.
    await guest.ok(
      'mkdir /root/keys && mv /etc/ssh/ssh_host_* /root/keys/ && ssh-keygen -q -A && systemctl restart ssh && (pkill -u pi || true)',
    );
    try {
      const refused = await box().cli(PASSWORD, 'gadget', 'provision', GADGET, '--password-stdin');
      expect(refused.code).not.toBe(0);
      expect(refused.stdout + refused.stderr).toContain('another host key than before');
      const { status } = await management('untrusted');
      expect(status.gadgets[GADGET]).toMatchObject({
        video: 'connected',
        audio: 'connected',
        management: { fingerprint, reason: expect.stringContaining('another host key') as string },
      });
      const offered = status.gadgets[GADGET]?.management?.offeredFingerprint;
      expect(await guest.ok('ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub')).toContain(offered);
      // The password was not shown to whoever that is.
      expect(await guest.ok(logins)).toBe(loggedIn);
      const seen = await app.result;
      expect(seen).toMatchObject(INTACT);
      expect(seen.events.filter(({ event }) => event === 'nothing')).toEqual([]);
      expect(await pidOf(guest, 'audio')).toBe(audio);
    } finally {
      await guest.ok('rm /etc/ssh/ssh_host_* && mv /root/keys/* /etc/ssh/ && systemctl restart ssh');
    }
    expect((await box().cli('', 'gadget', 'health', GADGET)).code).toBe(0);
    await management('ready');
  });
});

describe('the Pi', () => {
  /** Pictures and sound again, without a hand. */
  async function back(): Promise<void> {
    await box().connected(300_000);
    box().camera = await clientSeesGadget(box().guest, 120_000);
    expect((await watchCamera(box().guest, '', 4)).numbered).toBeGreaterThan(0);
  }

  test('is restarted by the command line and connects again by itself', async () => {
    const before = await box().guest.ok('cat /proc/sys/kernel/random/boot_id');
    const { code, stdout, stderr, ms } = await box().cli(
      PASSWORD,
      ...['gadget', 'reboot', GADGET, '--password-stdin'],
    );
    console.log(`restarted in ${(ms / 1000).toFixed(1)} s\n${stdout}${stderr}`);
    expect(code).toBe(0);
    await box().guest.answers(120_000);
    expect(await box().guest.ok('cat /proc/sys/kernel/random/boot_id')).not.toBe(before);
    await back();
  }, 600_000);

  test('loses its power while it streams, starts, and is back without a hand; its disk is whole', async () => {
    const { guest } = box();
    const files =
      'cat /etc/crosspoint/* | sha256sum; dpkg --verify crosspoint-gadget; systemctl --failed --no-legend --plain';
    const before = await guest.ok(files);
    const app = await watching(box(), 60);
    await guest.cutPower();
    await expect(app.result).rejects.toThrow();
    await box().engine.until(
      'the box to notice',
      ({ status }) => status.gadgets[GADGET]?.video === 'offline',
      20_000,
    );
    const disk = await guest.checkDisk();
    expect(disk.code, disk.stdout).toBe(0);
    const from = performance.now();
    await guest.powerOn();
    const startedMs = performance.now() - from;
    await back();
    const backMs = performance.now() - from;
    console.log('after a power cut:', { startedMs: Math.round(startedMs), backMs: Math.round(backMs) });
    expect(await guest.ok(files)).toBe(before);
    expect(await guest.ok("dmesg | grep -E 'EXT4-fs (error|warning)' || true")).toBe('');
  }, 900_000);
});
