import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { Bonjour } from 'bonjour-service';
import { afterEach, expect, test } from 'vitest';
import { silentLogger } from '../../../electron/base/logger.ts';
import { Discovery } from '../../../electron/gadgets/discovery.ts';
import { eventually } from '../../support/pulse-wait.ts';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of cleanUp.splice(0).reverse()) await end();
});

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}

/** On the loopback interface and a port of its own: nothing of it leaves this machine. */
async function network() {
  const port = await freeUdpPort();
  const there = new Bonjour({ interface: '127.0.0.1', bind: '0.0.0.0', port } as object);
  cleanUp.push(() => new Promise((resolve) => there.destroy(() => resolve(undefined))));
  const discovery = new Discovery(
    { interface: '127.0.0.1', port, everyMs: 300 },
    silentLogger,
    () => undefined,
  );
  cleanUp.push(() => discovery.dispose());
  return { there, discovery };
}

test('a gadget that announces itself is found, with its version, and gone when it says goodbye', async () => {
  const { there, discovery } = await network();
  const service = there.publish({
    name: 'desk',
    type: 'crosspoint-gadget',
    port: 22,
    host: 'desk.local',
    txt: { version: '0.1.0' },
    disableIPv6: true,
  });
  await eventually('the gadget', () => discovery.found.length > 0, 10_000);
  expect(discovery.found[0]).toMatchObject({
    host: 'desk.local',
    name: 'desk',
    port: 22,
    kind: 'gadget',
    version: '0.1.0',
  });
  (service as unknown as { stop(): void }).stop();
  await eventually('its goodbye', () => discovery.found.length === 0, 10_000);
});

test('a Raspberry Pi with SSH is a candidate; another computer with SSH is not', async () => {
  const { there, discovery } = await network();
  there.publish({ name: 'nas', type: 'ssh', port: 22, host: 'nas.local' });
  there.publish({ name: 'raspberrypi', type: 'ssh', port: 22, host: 'raspberrypi-2.local' });
  await eventually('the Pi', () => discovery.found.length > 0, 10_000);
  expect(discovery.found.map(({ host, kind }) => [host, kind])).toEqual([['raspberrypi-2.local', 'pi']]);
});

test('an address that was announced is where the name is', async () => {
  const { there, discovery } = await network();
  there.publish({ name: 'raspberrypi', type: 'ssh', port: 22, host: 'raspberrypi.local', disableIPv6: true });
  await eventually('the Pi', () => (discovery.found[0]?.addresses.length ?? 0) > 0, 10_000);
  expect(await Discovery.resolve('RaspberryPi.local', discovery)).toEqual(discovery.found[0]?.addresses);
  expect(await Discovery.resolve('192.0.2.7', discovery)).toEqual(['192.0.2.7']);
});
