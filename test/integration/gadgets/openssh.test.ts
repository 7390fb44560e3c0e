import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { GadgetsRig } from '../../support/gadgets-rig.ts';
import { newKey, publicLine } from '../../support/gadgets-ssh-server.ts';
import { PrivateSshd } from '../../support/gadgets-sshd.ts';

/** The same against OpenSSH itself, by keys: a server of our own, without passwords. */
let rig: GadgetsRig;
let sshd: PrivateSshd;
let key: string;

beforeEach(async () => {
  rig = await GadgetsRig.start();
  sshd = await PrivateSshd.start(rig.pi);
  const mine = newKey();
  key = join(rig.directory, 'mine');
  await writeFile(key, mine);
  await rig.pi.write({ 'home/pi/.ssh/authorized_keys': publicLine(mine) });
  rig.gadget = { ...rig.gadget, port: sshd.port, user: sshd.user, label: `it's $(touch /tmp/x) \`id\`` };
  rig.plane.apply({ gadgets: [rig.gadget] });
});
afterEach(async () => {
  await rig.dispose();
  await sshd.dispose();
});

test('provisioned by a key file, looked after by the key of the box, and let go again', async () => {
  expect(await rig.act('provision', { key })).toMatchObject({ state: 'ready' });
  expect(rig.steps).toMatchObject({ key: 'changed', package: 'changed', configuration: 'changed' });
  expect(await rig.pi.read('etc/crosspoint/gadget.conf')).toContain(
    "label=it's $(touch /tmp/x) `id\n".slice(0, 20),
  );
  expect(rig.pi.has('tmp/x')).toBe(false);

  const before = await rig.pi.changes();
  expect(await rig.act('provision')).toMatchObject({ state: 'ready' });
  expect(new Set(Object.values(rig.steps))).toEqual(new Set(['done']));
  expect(await rig.pi.changes()).toEqual(before);

  expect(await rig.act('uninstall')).toMatchObject({ state: 'new' });
  expect(await rig.act('provision')).toMatchObject({
    state: 'failed',
    reason: expect.stringMatching(/does not let/) as string,
  });
});

test('a large package arrives whole', async () => {
  const large = `0.1.0\n${'x'.repeat(3_000_000)}`;
  await writeFile(join(rig.directory, 'crosspoint-gadget_0.1.0_arm64.deb'), large);
  expect(await rig.act('provision', { key })).toMatchObject({ state: 'ready' });
  expect((await rig.pi.read('var/lib/crosspoint/current.deb')) === large).toBe(true);
});
