import { expect, test } from 'vitest';
import { type Bridge, type BridgeAnswer, type ServerEvent } from '../../../../electron/contract/index.ts';
import { BridgeClient } from '../../../../renderer/api/bridge-client.ts';
import { rigState } from '../../../support/renderer-state.ts';

function bridge(answer: BridgeAnswer): {
  bridge: Bridge;
  listeners: ((event: ServerEvent) => void)[];
  ended: number[];
} {
  const listeners: ((event: ServerEvent) => void)[] = [];
  const ended: number[] = [];
  return {
    listeners,
    ended,
    bridge: {
      send: () => Promise.resolve(answer),
      subscribe(onEvent) {
        const number = listeners.push(onEvent) - 1;
        return () => ended.push(number);
      },
      watch: () => undefined,
    },
  };
}

test('it is open with the snapshot, and asks for a new one by subscribing again', () => {
  const { bridge: other, listeners, ended } = bridge({ ok: true, response: { revision: 1, results: [] } });
  const client = new BridgeClient(other);
  const states: string[] = [];
  client.connect({
    onEvent: () => undefined,
    onPicture: () => undefined,
    onConnection: ({ state }) => states.push(state),
  });
  listeners[0]!({ type: 'snapshot', revision: 7, state: rigState() });
  client.resync();
  expect(states).toEqual(['connecting', 'open', 'connecting']);
  expect(ended).toEqual([0]);
});

test('a refusal is thrown with its code', async () => {
  const client = new BridgeClient(
    bridge({ ok: false, error: { code: 'locked', message: 'Desk is locked.' } }).bridge,
  );
  await expect(client.send({ type: 'panic' })).rejects.toMatchObject({
    code: 'locked',
    message: 'Desk is locked.',
  });
});
