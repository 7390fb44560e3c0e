import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseHealth } from '../../../electron/gadgets/health.ts';
import { DEPENDENCIES } from '../../../electron/gadgets/package-shelf.ts';
import { explainApt } from '../../../electron/gadgets/provisioning/apt.ts';
import { judgeBoard } from '../../../electron/gadgets/provisioning/board.ts';
import {
  hasPeripheralMode,
  withoutPeripheralMode,
  withPeripheralMode,
} from '../../../electron/gadgets/provisioning/config-txt.ts';
import { type Facts, parseFacts } from '../../../electron/gadgets/provisioning/survey.ts';

const PI4 = 'Raspberry Pi 4 Model B Rev 1.5';
const facts = (change: Partial<Facts>): Facts => ({
  ...parseFacts('architecture=arm64\nuname=6.12 aarch64\nsystemd=yes\nos=Trixie\nosId=debian\nosVersion=13'),
  board: PI4,
  ...change,
});

describe('boards', () => {
  test.each([
    [PI4, {}, /^Raspberry Pi 4 .*Trixie/],
    ['Raspberry Pi 400 Rev 1.0', {}, /^Raspberry Pi 400/],
    ['Raspberry Pi Zero 2 W Rev 1.0', {}, /Wi-Fi/],
    ['Raspberry Pi 5 Model B Rev 1.0', {}, /more power/],
    ['', { architecture: 'amd64', machine: 'x86_64', controller: 'dummy_udc.0' }, /virtual gadget/],
    [PI4, { osId: 'ubuntu', osVersion: 24.04 }, /Pi 4/],
  ])('%s works, and is told how', (board, change, detail) => {
    expect(judgeBoard(facts({ board, ...change }))).toMatchObject({
      ok: true,
      detail: expect.stringMatching(detail) as string,
    });
  });

  test.each([
    [PI4, { architecture: 'armhf' }, /32-bit/, /64-bit/],
    [PI4, { architecture: '', machine: 'armv7l' }, /32-bit/, /64-bit/],
    ['Raspberry Pi Zero W Rev 1.1', { architecture: 'armhf', machine: 'armv6l' }, /32-bit/, /too old/],
    ['Raspberry Pi 3 Model B Plus Rev 1.3', {}, /no USB port/, /Raspberry Pi 4/],
    [PI4, { os: 'Debian 11', osVersion: 11 }, /too old/, /Bookworm or Trixie/],
    ['', { architecture: 'amd64', machine: 'x86_64' }, /no USB device controller/, /Raspberry Pi 4/],
    [PI4, { systemd: false }, /without systemd/, /Raspberry Pi 4/],
  ])('%s with %j is refused, with what to do', (board, change, detail, hint) => {
    expect(judgeBoard(facts({ board, ...change }))).toMatchObject({
      ok: false,
      detail: expect.stringMatching(detail) as string,
      hint: expect.stringMatching(hint) as string,
    });
  });
});

describe('config.txt', () => {
  test.each([
    ['', false],
    ['dtoverlay=dwc2,dr_mode=peripheral', true],
    ['dtoverlay=dwc2', true],
    ['dtoverlay=dwc2,dr_mode=host', false],
    ['#dtoverlay=dwc2,dr_mode=peripheral', false],
    ['[cm5]\ndtoverlay=dwc2,dr_mode=peripheral', false],
    ['[pi4]\ndtoverlay=dwc2,dr_mode=peripheral', true],
    ['[cm5]\ndtoverlay=dwc2,dr_mode=host\n[all]\ndtoverlay=dwc2,dr_mode=peripheral', true],
    ['dtoverlay=dwc2,dr_mode=peripheral\n[pi4]\notg_mode=1', false],
  ])('%j makes the port a device: %s', (text, is) => expect(hasPeripheralMode(text, PI4)).toBe(is));

  test('is added to once, and taken back to what it was', () => {
    const before = 'arm_64bit=1\n\n[cm4]\notg_mode=1\n';
    const after = withPeripheralMode(before, PI4);
    expect(hasPeripheralMode(after, PI4)).toBe(true);
    expect(withPeripheralMode(after, PI4)).toBe(after);
    expect(withoutPeripheralMode(after)).toBe(before);
  });
});

test('what apt says is put into words, with what to do', () => {
  expect(explainApt('x', 'E: dpkg was interrupted, you must manually run …')).toMatchObject({
    message: 'x: An earlier installation on the Pi was broken off.',
    hint: 'Run there: sudo dpkg --configure -a',
  });
  expect(explainApt('x', 'Reading\nE: Broken thing\n').message).toBe('x: E: Broken thing');
});

test('the libraries that are seen to are those of the package', () => {
  const control = readFileSync(new URL('../../../native/gadget/deb/control', import.meta.url), 'utf8');
  const depends = /^Depends: (.*)$/m.exec(control)?.[1] ?? '';
  // Every Debian has these.
  const always = ['libc6', 'systemd', 'passwd'];
  const named = depends
    .split(',')
    .map((group) => group.split('|').map((name) => name.trim().split(' ')[0] ?? ''))
    .filter(([first = '']) => !always.includes(first));
  expect(named.map((group) => group.join('|')).sort()).toEqual(
    DEPENDENCIES.map((group) => group.join('|')).sort(),
  );
});

test('health knows the past of the power supply, the clock, and what runs', () => {
  const { health, previous } = parseHealth(
    [
      'time=1000500',
      'throttled=0x50000',
      'temperature=51600',
      'free=Filesystem …',
      '/dev/root 100 50 40960 50% /',
      'root=rw',
      'previous=0.1.0',
      'controller=fe980000.usb',
      'usb=not attached',
      'package=installed crosspoint-gadget 0.2.0',
      'Id=crosspoint-gadget.service',
      'ActiveState=active',
      'UnitFileState=enabled',
      '',
      'Id=crosspoint-uvc.service',
      'ActiveState=failed',
      'UnitFileState=enabled',
    ].join('\n'),
    1_000_000,
    { video: true, audio: true, stats: { fps: 29.97, micXruns: 2, speakerXruns: 1 } },
  );
  expect(previous).toBe('0.1.0');
  expect(health).toMatchObject({
    underVoltage: 'was',
    throttled: 'was',
    temperatureC: 51.6,
    diskFreeBytes: 40960 * 1024,
    clockOffsetMs: 500,
    version: '0.2.0',
    hostConfigured: false,
    fps: 30,
    xruns: 3,
    services: { 'crosspoint-gadget': 'active', 'crosspoint-uvc': 'failed' },
  });
  expect(health.warnings.join('\n')).toMatch(
    /too weak at some time[\s\S]*nearly full[\s\S]*crosspoint-uvc \(failed\)/,
  );
});
