import { describe, expect, test } from 'vitest';
import { CameraApp, disconnects, measureCamera, watchCamera } from '../support/vpi-gadget.ts';
import { useGadget } from '../support/vpi-rig.ts';

const rig = useGadget();

describe('the client computer sees', () => {
  test('one USB device with the name of the gadget', async () => {
    const devices = (await rig.guest.ok('lsusb')).split('\n').filter((line) => !line.includes('root hub'));
    expect(devices).toHaveLength(1);
    expect(devices[0]).toContain('1d6b:0104');
    expect(await rig.guest.ok('v4l2-ctl --list-devices')).toContain('Desk 1 Camera');
    const product = await rig.guest.ok('cat /sys/bus/usb/devices/1-1/product');
    expect(product).toBe('Desk 1');
  });

  test('the three picture sizes at 30 and 15 frames a second, and nothing else', async () => {
    const text = await rig.guest.ok(`v4l2-ctl -d ${rig.camera} --list-formats-ext`);
    const formats = [...text.matchAll(/'(\w+)'|Size: Discrete (\d+x\d+)|\((\d+\.\d+) fps\)/g)].map(
      ([, format, size, fps]) => format ?? size ?? fps,
    );
    expect(formats).toEqual([
      'MJPG',
      ...['1280x720', '30.000', '15.000'],
      ...['640x480', '30.000', '15.000'],
      ...['640x360', '30.000', '15.000'],
    ]);
  });

  test('a sound card that plays and records', async () => {
    for (const program of ['arecord', 'aplay']) {
      const cards = (await rig.guest.ok(`${program} -l`))
        .split('\n')
        .filter((line) => line.includes('USB Audio'));
      expect(cards).toHaveLength(1);
      expect(cards[0]).toContain('Desk 1');
    }
    const stream = await rig.guest.ok('cat /proc/asound/card*/stream0');
    expect(stream.match(/Rates: 48000/g)).toHaveLength(2);
    expect(stream.match(/Channels: 2/g)).toHaveLength(2);
  });

  test('descriptors that lsusb can read to the end without a complaint', async () => {
    const { stdout, stderr, code } = await rig.guest.run('lsusb -v -d 1d6b:0104');
    expect(code).toBe(0);
    expect(stderr.replace(/can't get debug descriptor.*\n?/g, '').trim()).toBe('');
    expect(stdout).not.toMatch(/warning|unrecognized|invalid|Couldn't|junk/i);
    expect(stdout).toMatch(/bDeviceClass\s+239/);
    expect(stdout).toMatch(/bNumConfigurations\s+1\n/);
    expect(stdout.match(/bFunctionClass\s+14 Video/g)).toHaveLength(1);
    expect(stdout.match(/bFunctionClass\s+1 Audio/g)).toHaveLength(1);
    expect(stdout.match(/bmControls\s+0x00000000/g)?.length).toBeGreaterThan(0);
  });
});

describe('the camera', () => {
  test.each([
    ['1280x720', 30],
    ['1280x720', 15],
    ['640x480', 30],
    ['640x480', 15],
    ['640x360', 30],
    ['640x360', 15],
  ])('gives %s at %d frames a second', async (size, fps) => {
    const args = `-g ${size} -i ${fps === 30 ? 333_333 : 666_666}`;
    const nominal = (rate: number): boolean => rate > fps * 0.96 && rate < fps * 1.03;
    const seen = await watchCamera(rig.guest, args, 4);
    expect(seen).toMatchObject({ corrupt: 0, errors: 0, noStart: 0, noEnd: 0, empty: 0, failures: 0 });
    expect(seen.numbered).toBeGreaterThan(0);
    expect(rig.box.format).toMatchObject({
      width: Number(size.split('x')[0]),
      height: Number(size.split('x')[1]),
    });
    expect(Math.round(rig.box.format.fps)).toBe(fps);
    const measured = await measureCamera(rig.guest, args, 6, (again) => nominal(again.fps));
    if (measured) expect(measured.fps).toSatisfy(nominal);
  });

  test('is opened and closed fifty times', async () => {
    const before = await disconnects(rig.guest);
    const seen = await new CameraApp(rig.guest, `-d ${rig.camera} -c 50 -n 10 -t 10`, 170_000).result;
    console.log(
      'fifty cycles: STREAMON',
      seen.startMs,
      'first frame',
      seen.firstFrameMs,
      'STREAMOFF',
      seen.stopMs,
    );
    expect(seen).toMatchObject({
      opened: 50,
      failures: 0,
      frames: 500,
      corrupt: 0,
      noStart: 0,
      noEnd: 0,
      empty: 0,
    });
    expect(await disconnects(rig.guest)).toBe(before);
  });

  test('serves two applications one after the other, and refuses a second one meanwhile', async () => {
    const first = new CameraApp(rig.guest, `-d ${rig.camera} -t 4`, 60_000);
    await first.saw('picture');
    const second = await rig.guest.run(`uvc-client -d ${rig.camera} -t 1`);
    expect(second.code).not.toBe(0);
    expect((await first.result).corrupt).toBe(0);
    const third = await new CameraApp(rig.guest, `-d ${rig.camera} -g 640x480 -t 3`, 60_000).result;
    expect(third).toMatchObject({ failures: 0, corrupt: 0 });
    expect(third.numbered).toBeGreaterThan(0);
  });

  test('refuses what it does not have, politely', async () => {
    const before = await disconnects(rig.guest);
    const yuyv = await rig.guest.run(
      `v4l2-ctl -d ${rig.camera} --set-fmt-video=width=1280,height=720,pixelformat=YUYV --get-fmt-video`,
    );
    expect(yuyv.stdout).toContain("'MJPG'");
    const large = await rig.guest.run(
      `v4l2-ctl -d ${rig.camera} --set-fmt-video=width=1920,height=1080,pixelformat=MJPG --get-fmt-video`,
    );
    expect(large.stdout).toContain('1280/720');
    const seen = await watchCamera(rig.guest, '', 2);
    expect(seen.failures).toBe(0);
    expect(await disconnects(rig.guest)).toBe(before);
  });

  test('leaves no kernel warning behind', async () => {
    expect(await rig.guest.ok("dmesg | grep -E 'WARNING|BUG|Oops|Call Trace' || true")).toBe('');
  });
});
