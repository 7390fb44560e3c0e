import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { DESK, GadgetsRig } from '../../support/gadgets-rig.ts';
import { newKey, publicLine } from '../../support/gadgets-ssh-server.ts';

const password = 'raspberry';
let rig: GadgetsRig;
afterEach(() => rig.dispose());

test("the first contact pins and shows the host key, and installs the box's own key once", async () => {
  rig = await GadgetsRig.start({ password });
  await rig.pi.write({ 'home/pi/.ssh/authorized_keys': publicLine(newKey()) });
  await rig.act('provision', { password });
  expect(rig.status.fingerprint).toMatch(/^SHA256:[\w+/]{43}$/);
  await rig.act('provision');
  const known = ((await rig.pi.read('home/pi/.ssh/authorized_keys')) ?? '').trim().split('\n');
  expect(known).toHaveLength(2);
  expect(known[1]).toMatch(/^ssh-ed25519 \S+ crosspoint$/);
  const key = join(rig.directory, 'state', 'id_ed25519');
  expect((await stat(key)).mode & 0o777).toBe(0o600);
  expect((await stat(join(rig.directory, 'state', 'known-gadgets.json'))).mode & 0o777).toBe(0o600);
});

test('a changed host key stops everything, shows no password, and is taken on command only', async () => {
  rig = await GadgetsRig.start({ password });
  await rig.act('provision', { password });
  const { fingerprint } = rig.status;
  const shown = rig.server.passwords.length;
  await rig.server.close();
  rig.server.hostKey = newKey();
  await rig.server.listen();

  expect(await rig.act('provision', { password })).toMatchObject({
    state: 'untrusted',
    reason: expect.stringContaining('another host key than before') as string,
    fingerprint,
  });
  const { offeredFingerprint } = rig.status;
  expect(offeredFingerprint).not.toBe(fingerprint);
  expect(rig.server.passwords).toHaveLength(shown);
  expect(() => rig.plane.act(DESK, 'reboot')).toThrow('another host key');

  await expect(rig.plane.trust(DESK, 'SHA256:somethingelse')).rejects.toThrow(offeredFingerprint);
  await rig.plane.trust(DESK, offeredFingerprint);
  expect(rig.status).toMatchObject({ fingerprint: offeredFingerprint, state: 'new' });
  expect(await rig.act('provision', { password })).toMatchObject({ state: 'ready' });
  await expect(rig.plane.trust(DESK)).rejects.toThrow('no other host key');
});

test('a changed host key is noticed by looking after the gadget, too', async () => {
  rig = await GadgetsRig.start({ password, healthMs: 100 });
  await rig.act('provision', { password });
  await rig.server.close();
  rig.server.hostKey = newKey();
  await rig.server.listen();
  await rig.until('the changed key', ({ state }) => state === 'untrusted');
  expect(rig.logged.some((line) => line.startsWith('error the host key'))).toBe(true);
});

test('a person’s key file does for the first contact; a broken or missing one says so', async () => {
  rig = await GadgetsRig.start();
  const key = newKey();
  const file = join(rig.directory, 'a key');
  await rig.pi.write({ 'home/pi/.ssh/authorized_keys': publicLine(key) });
  await writeFile(file, 'not a key');
  expect(await rig.act('provision', { key: file })).toMatchObject({
    state: 'failed',
    reason: `${file} holds no private key.`,
  });
  expect(await rig.act('provision', { key: '/nonexistent' })).toMatchObject({
    reason: expect.stringContaining('cannot be read') as string,
  });
  await writeFile(file, key);
  expect(await rig.act('provision', { key: file })).toMatchObject({ state: 'ready' });
  expect(await rig.written()).not.toContain('PRIVATE');
});

test('a Pi that does not let anybody in, is away or no Pi, says which', async () => {
  rig = await GadgetsRig.start();
  expect(await rig.act('provision')).toMatchObject({
    state: 'failed',
    reason: expect.stringMatching(/does not let pi in/) as string,
  });
  await rig.server.close();
  expect(await rig.act('provision', { password })).toMatchObject({
    reason: expect.stringMatching(/is there, but SSH is not/) as string,
    hint: expect.stringMatching(/raspi-config/) as string,
  });
  rig.gadget = { ...rig.gadget, host: 'nowhere.invalid' };
  rig.plane.apply({ gadgets: [rig.gadget] });
  expect(await rig.act('provision', { password })).toMatchObject({
    reason: 'There is no nowhere.invalid in this network.',
  });
});

test('pinned keys that cannot be read are not given up silently', async () => {
  rig = await GadgetsRig.start({ password });
  await rig.act('provision', { password });
  await rig.plane.dispose();
  const file = join(rig.directory, 'state', 'known-gadgets.json');
  const before = await readFile(file, 'utf8');
  await writeFile(file, before.slice(0, 40));
  await expect(rig.open()).rejects.toThrow('cannot be read');
  await writeFile(file, before);
  await rig.open();
});
