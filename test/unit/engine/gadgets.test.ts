import { afterEach, beforeEach, expect, test } from 'vitest';
import { type GadgetManagement, type ServerEvent } from '../../../electron/contract/index.ts';
import { boxFacts } from '../../../electron/engine/gadgets.ts';
import { LogWatch } from '../../../electron/engine/log-watch.ts';
import { RIG } from '../../support/engine-model.ts';
import { engineOn } from '../../support/engine-rig.ts';

let rig: Awaited<ReturnType<typeof engineOn>>;
beforeEach(async () => {
  rig = await engineOn(RIG);
});
afterEach(() => rig.dispose());

const management = (change: Partial<GadgetManagement> = {}): GadgetManagement => ({
  state: 'ready',
  run: 1,
  steps: [],
  ...change,
});

test('a command about a Pi goes to the plane by the id of its gadget, with its credentials', async () => {
  const { results } = await rig.run({ type: 'gadget.provision', id: 'Desk', password: 'secret' });
  expect(rig.gadgets.asked).toEqual([['desk', 'provision', { password: 'secret', key: undefined }]]);
  expect(results).toEqual([{ id: 'desk', run: 1 }]);
  await rig.run({ type: 'gadget.update-software', id: 'desk' });
  await rig.run({ type: 'gadget.trust', id: 'desk', fingerprint: 'SHA256:x' });
  expect(rig.gadgets.asked.slice(1)).toEqual([
    ['desk', 'update-software', { password: undefined, key: undefined }],
    ['trust', 'desk', 'SHA256:x'],
  ]);
});

test('it is no part of the history, of the state, or of a list', async () => {
  await rig.run({ type: 'gadget.provision', id: 'desk', password: 'secret' });
  expect(rig.engine.state.status.history.undo).toBeNull();
  expect(JSON.stringify(rig.engine.state)).not.toContain('secret');
  await expect(rig.run({ type: 'gadget.reboot', id: 'desk' }, { type: 'panic' })).rejects.toThrow(/list/);
  await expect(rig.run({ type: 'gadget.reboot', id: 'nobody' })).rejects.toMatchObject({
    code: 'unknown-id',
  });
});

test.each(['two\nlines', '', 'nul\0'])('the password %j is refused, and not repeated', async (password) => {
  const send = async () => rig.run({ type: 'gadget.provision', id: 'desk', password });
  const refusal = await send().catch(String);
  expect(refusal).toMatch(/gadget\.provision: a password/);
  if (password !== '') expect(refusal).not.toContain(password);
});

test('the plane is told each gadget with its token, and told again when one changes', async () => {
  expect(rig.gadgets.desired?.gadgets.map(({ id, host }) => [id, host])).toEqual([
    ['desk', null],
    ['office', null],
  ]);
  await rig.run({ type: 'gadget.update', id: 'desk', host: 'pi.local', user: 'me', port: 2222 });
  expect(rig.gadgets.desired?.gadgets[0]).toMatchObject({ host: 'pi.local', user: 'me', port: 2222 });
  expect(rig.gadgets.desired?.gadgets[0]?.token).not.toBe('');
});

test('what the plane reports is shown by gadget; what needs a person is a problem', async () => {
  const found = [{ host: 'pi.local', name: 'pi', addresses: [], port: 22, kind: 'pi' as const }];
  rig.gadgets.report({
    gadgets: { desk: management({ state: 'untrusted', reason: 'Another key.', hint: 'Look.' }) },
    found,
  });
  await expect.poll(() => rig.engine.state.status.gadgets.desk?.management?.state).toBe('untrusted');
  expect(rig.engine.state.status.gadgets.office?.management).toBeUndefined();
  expect(rig.engine.state.status.found.gadgets).toEqual(found);
  expect(rig.engine.state.status.problems).toContainEqual({
    id: 'gadget:desk',
    severity: 'error',
    subject: 'desk',
    message: 'Desk: Another key.',
    hint: 'Look.',
  });
  rig.gadgets.report({
    gadgets: { desk: management({ health: { at: 1, services: {}, warnings: ['It is hot.'] } }) },
  });
  await expect
    .poll(() => rig.engine.state.status.problems)
    .toContainEqual(expect.objectContaining({ severity: 'warning', message: 'Desk: It is hot.' }));
});

test('logs are followed while somebody reads them', () => {
  const events: ServerEvent[] = [];
  const watch = new LogWatch(rig.engine, (event) => events.push(event));
  watch.set(['desk', 'nobody']);
  rig.gadgets.onLines?.(['one']);
  expect(events).toEqual([
    { type: 'log', gadget: 'nobody', lines: [], ended: 'There is no gadget "nobody".' },
    { type: 'log', gadget: 'desk', lines: ['one'] },
  ]);
  watch.dispose();
  expect(rig.gadgets.onLines).toBeUndefined();
});

test.each([
  ['rtmp://127.0.0.1:1935', { port: 1935, loopback: true }],
  ['rtmp://0.0.0.0:1935', { port: 1935, loopback: false }],
  ['rtmp://[::1]:2000', { port: 2000, loopback: true }],
  ['rtmp://[::]:2000', { port: 2000, loopback: false }],
])('gadgets are told the port of %s, and whether they can reach it', (url, rtmp) => {
  expect(boxFacts(url, null)).toEqual({ rtmp, sound: null });
  const cookie = new Uint8Array(2);
  expect(boxFacts(url, { address: 'tcp:0.0.0.0:4713', cookie }).sound).toEqual({
    port: 4713,
    loopback: false,
    cookie,
  });
});
