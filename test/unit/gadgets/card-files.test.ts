import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { type CardSettings, cardFiles } from '../../../electron/gadgets/card/card-files.ts';

const CONFIG = 'arm_64bit=1\n';
const settings = (change: Partial<CardSettings> = {}): CardSettings => ({
  os: 'trixie',
  hostname: 'desk',
  user: 'pi',
  publicKeys: ['ssh-ed25519 AAAA crosspoint'],
  instance: 'one',
  ...change,
});
const boot = { 'config.txt': CONFIG, 'cmdline.txt': 'console=tty1 root=PARTUUID=1 rootwait\n' };
const HOSTILE = { ssid: `it's "$(id)": \`x\`\\`, password: `p'a"s$s: #\\ {w}`, country: 'DE' };

describe('Trixie', () => {
  test('gets cloud-init files with the key of the box, SSH, the USB mode and an announcement', () => {
    const files = cardFiles(settings(), boot);
    expect(Object.keys(files).sort()).toEqual(['config.txt', 'meta-data', 'network-config', 'user-data']);
    expect(files['user-data']).toMatch(/^#cloud-config\n/);
    const data = JSON.parse((files['user-data'] ?? '').replace(/^.*\n/, '')) as Record<string, unknown>;
    expect(data).toMatchObject({
      hostname: 'desk',
      ssh_pwauth: false,
      users: [{ name: 'pi', lock_passwd: true, ssh_authorized_keys: ['ssh-ed25519 AAAA crosspoint'] }],
    });
    expect(JSON.stringify(data.write_files)).toContain('_crosspoint-gadget._tcp');
    expect(files['config.txt']).toContain('dtoverlay=dwc2,dr_mode=peripheral');
  });

  test('a hostile name and password of a Wi-Fi are data', () => {
    const network = JSON.parse(cardFiles(settings({ wifi: HOSTILE }), boot)['network-config'] ?? '') as {
      network: { wifis: { wlan0: Record<string, unknown> } };
    };
    expect(network.network.wifis.wlan0['access-points']).toEqual({
      [HOSTILE.ssid]: { password: HOSTILE.password },
    });
  });

  test('each card is another instance, so that cloud-init takes it for new', () => {
    expect(cardFiles(settings({ instance: 'two' }), boot)['meta-data']).toContain('"two"');
  });
});

describe('Bookworm', () => {
  test('gets a script for the first start, and is told to run it once', () => {
    const files = cardFiles(settings({ os: 'bookworm' }), boot);
    expect(Object.keys(files).sort()).toEqual(['cmdline.txt', 'config.txt', 'firstrun.sh']);
    expect(files['cmdline.txt']).toMatch(
      /^console=tty1 root=PARTUUID=1 rootwait systemd\.run=\/boot\/firmware\/firstrun\.sh .*\n$/,
    );
    const again = cardFiles(settings({ os: 'bookworm' }), { ...boot, 'cmdline.txt': files['cmdline.txt'] });
    expect(again['cmdline.txt']).toBeUndefined();
  });

  test('whatever the Wi-Fi is called, the script is one that a shell can read', () => {
    const script = cardFiles(settings({ os: 'bookworm', wifi: HOSTILE }), boot)['firstrun.sh'] ?? '';
    execFileSync('/bin/sh', ['-n'], { input: script });
    const bytes = [...Buffer.from(HOSTILE.ssid)].map((byte) => `${byte};`).join('');
    expect(script).toContain(`ssid=${bytes}`);
    expect(script).not.toContain('$(id)');
    // What the shell writes is the password, with the key file's own escapes.
    const line = script.split('\n').find((text) => text.startsWith('psk=')) ?? '';
    expect(line).toContain('{w}');
  });
});

test.each([
  [{ hostname: 'Desk One' }, 'hostname'],
  [{ hostname: '$(id)' }, 'hostname'],
  [{ user: 'root' }, 'user'],
  [{ user: 'a;b' }, 'user'],
  [{ publicKeys: ['ssh-ed25519 A\nB'] }, 'key'],
  [{ wifi: { ...HOSTILE, password: 'short' } }, 'wifi'],
  [{ wifi: { ...HOSTILE, password: 'line\nbreak in it' } }, 'wifi'],
  [{ wifi: { ...HOSTILE, country: 'Germany' } }, 'country'],
])('%j is refused', (change, path) => {
  expect(() => cardFiles(settings(change), boot)).toThrow(
    expect.objectContaining({ code: 'bad-request', path }),
  );
});

test('without a config.txt there, none is made', () => {
  const files = cardFiles(settings(), { 'config.txt': undefined, 'cmdline.txt': undefined });
  expect(files['config.txt']).toBeUndefined();
});
