import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { silentLogger } from '../../../../electron/base/logger.ts';
import { METHODS } from '../../../../electron/remote/osc/methods.ts';
import { TOLD } from '../../../../electron/remote/osc/feedback.ts';
import {
  encodeBundle,
  encodeMessage,
  Float,
  type OscValue,
  parsePacket,
} from '../../../../electron/remote/osc/packet.ts';
import { createOsc, type Osc } from '../../../../electron/remote/osc/server.ts';
import { engineOn } from '../../../support/engine-rig.ts';
import { RIG } from '../../../support/engine-model.ts';

let rig: Awaited<ReturnType<typeof engineOn>>;
let osc: Osc;
const surfaces: Socket[] = [];
const serve = (options: { subscriptionMs?: number; host?: string; allow?: string[] } = {}) =>
  createOsc({
    engine: rig.engine,
    log: silentLogger,
    host: '127.0.0.1',
    port: 0,
    allow: [],
    version: '1.2.3',
    ...options,
  });

beforeEach(async () => {
  rig = await engineOn(RIG);
  osc = await serve();
});
afterEach(async () => {
  for (const socket of surfaces.splice(0)) socket.close();
  await osc.dispose();
  await rig.dispose();
});

/** Waits for it, on a busy machine too. */
const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 8000, interval: 10 });

/** A control surface: a UDP socket that remembers what it was told. */
async function surface() {
  const socket = createSocket('udp4');
  surfaces.push(socket);
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const told = new Map<string, readonly OscValue[]>();
  const counts = new Map<string, number>();
  socket.on('message', (data) => {
    for (const { address, args } of parsePacket(data)) {
      told.set(address, args);
      counts.set(address, (counts.get(address) ?? 0) + 1);
    }
  });
  const port = Number(osc.address.split(':')[1]);
  const sendBytes = (bytes: Uint8Array) =>
    new Promise<void>((resolve) => {
      // As a surface does: not all of them before the other side has had its turn.
      socket.send(bytes, port, '127.0.0.1', () => setImmediate(resolve));
    });
  return {
    told,
    counts,
    port: socket.address().port,
    sendBytes,
    send: (address: string, ...args: (OscValue | Float)[]) => sendBytes(encodeMessage(address, args)),
  };
}

const microphone = () => rig.engine.state.config.sources.find(({ id }) => id === 'mic:desk')!;
const isMuted = () => microphone().muted;
const gainOf = () => (microphone() as { gain?: number }).gain;
const routes = () =>
  rig.engine.state.config.routes.map(({ source, destination }) => `${source}|${destination}`);

describe('what a surface sends', () => {
  test.each([
    ['/crosspoint/channel/mic:desk/gain', [new Float(-6)], () => gainOf() === -6],
    ['/crosspoint/channel/mic:desk/fader', [new Float(0)], () => gainOf() === -100],
    ['/crosspoint/channel/mic:desk/mute', [1], isMuted],
    ['/crosspoint/channel/mic:desk/mute', [true], isMuted],
    ['/crosspoint/channel/mic:desk/mute', [new Float(1)], isMuted],
    ['/crosspoint/channel/mic:desk/mute/toggle', [], isMuted],
    ['/crosspoint/microphones/mute', [1], isMuted],
    ['/crosspoint/panic', [], isMuted],
    ['/crosspoint/cell/mic:desk/office.mic/on', [1], () => routes().includes('mic:desk|office.mic')],
    [
      '/crosspoint/route',
      ['mic:desk', 'office.mic', new Float(-3)],
      () => routes().includes('mic:desk|office.mic'),
    ],
    [
      '/crosspoint/channel/mic:desk/cough',
      [1],
      () => rig.engine.state.status.held.cough.includes('mic:desk'),
    ],
    ['/crosspoint/channel/m?c:d*/mute', [1], isMuted],
    ['/crosspoint/channel/{mic:desk,nobody}/mute', [1], isMuted],
  ] as const)('%s %j', async (address, args, isSo) => {
    const { send } = await surface();
    expect(isSo()).toBe(false);
    await send(address, ...args);
    await eventually(isSo).toBe(true);
  });

  test('a scene is recalled by its address and by its name, when the button is pressed only', async () => {
    await rig.run({ type: 'scene.save', name: 'Town hall' }, { type: 'mute', id: 'mic:desk' });
    const { send } = await surface();
    await send('/crosspoint/scene/town-hall/recall', 0);
    await send('/crosspoint/scene/town-hall/recall', 1);
    await eventually(isMuted).toBe(false);
    await rig.run({ type: 'mute', id: 'mic:desk' });
    await send('/crosspoint/recall', 'Town hall');
    await eventually(isMuted).toBe(false);
    expect(rig.engine.log.filter(({ origin }) => origin === 'osc')).toHaveLength(2);
  });

  test('a fader that moves faster than the engine gets where it ends', async () => {
    const { send } = await surface();
    for (let n = 1; n <= 300; n++) await send('/crosspoint/channel/mic:desk/gain', new Float(-n / 10));
    await eventually(gainOf).toBe(-30);
    expect(rig.engine.state.revision).toBeLessThan(300);
  });

  test('panic goes before everything that waits', async () => {
    const { sendBytes } = await surface();
    const opening = encodeMessage('/crosspoint/channel/mic:desk/mute', [0]);
    const faders = Array.from({ length: 50 }, (_, n) =>
      encodeMessage(`/crosspoint/cell/mic:desk/office.mic/${n % 2 === 0 ? 'gain' : 'fader'}`, [0]),
    );
    await sendBytes(encodeBundle([...faders, opening, encodeMessage('/crosspoint/panic', [])]));
    await eventually(isMuted).toBe(true);
    // Commands come in turn: when this one has been carried out, nothing waits any more.
    await sendBytes(encodeMessage('/crosspoint/route', ['cam:front', 'desk.webcam']));
    await eventually(routes).toContain('cam:front|desk.webcam');
    expect(isMuted()).toBe(true);
  });

  test('rubbish changes nothing, and the next message is heard', async () => {
    const { send, sendBytes } = await surface();
    const { revision } = rig.engine.state;
    for (let n = 0; n < 500; n++)
      await sendBytes(Buffer.from(Array.from({ length: n % 97 }, (_, at) => (n * 31 + at * 17) & 255)));
    await send('/crosspoint/channel/mic:desk/gain', 'loud');
    await send('/crosspoint/channel/mic:desk/gain', NaN);
    await send('/crosspoint/channel/mic:desk/gain', 1e9);
    await send('/crosspoint/cell/desk.return/desk.mic/on', 1);
    await send('/crosspoint/nowhere');
    expect(rig.engine.state.revision).toBe(revision);
    await send('/crosspoint/channel/mic:desk/mute', 1);
    await eventually(isMuted).toBe(true);
    expect(rig.engine.state.revision).toBe(revision + 1);
  });
});

describe('what a surface is told', () => {
  test('everything when it subscribes, then what changes, whoever did it', async () => {
    const { send, told, counts } = await surface();
    await send('/crosspoint/subscribe');
    await eventually(() => told.get('/crosspoint/channel/mic:desk/label')).toEqual([microphone().label]);
    expect(told.get('/crosspoint/channel/mic:desk/mute')).toEqual([0]);
    expect(told.get('/crosspoint/cell/mic:desk/office.mic/on')).toEqual([0]);
    expect(told.has('/crosspoint/cell/desk.return/desk.mic/on')).toBe(false);
    await rig.run({ type: 'mute', id: 'mic:desk' }, { type: 'setGain', id: 'mic:desk', gain: -10 });
    await eventually(() => told.get('/crosspoint/channel/mic:desk/mute')).toEqual([1]);
    await eventually(() => told.get('/crosspoint/channel/mic:desk/gain')).toEqual([-10]);
    expect(told.get('/crosspoint/channel/mic:desk/fader')).toEqual([Math.fround(0.55)]);
    expect(counts.get('/crosspoint/channel/mic:desk/label')).toBe(1);
  });

  test('a port of its own, where it listens on another one than it sends from', async () => {
    const [sender, listener] = [await surface(), await surface()];
    await sender.send('/crosspoint/subscribe', listener.port);
    await eventually(() => listener.told.size).toBeGreaterThan(5);
    expect(sender.told.size).toBe(0);
  });

  test('why something was refused', async () => {
    const { send, told } = await surface();
    await send('/crosspoint/subscribe');
    await send('/crosspoint/cell/desk.return/desk.mic/on', 1);
    await eventually(() => told.get('/crosspoint/error')?.[0]).toBe('feedback');
    expect(told.get('/crosspoint/error')?.[2]).toBe('/crosspoint/cell/desk.return/desk.mic/on');
  });

  test('where its own fader ended up', async () => {
    const { send, told } = await surface();
    const fader = '/crosspoint/channel/mic:desk/fader';
    await send('/crosspoint/subscribe');
    await eventually(() => told.has(fader)).toBe(true);
    told.delete(fader);
    await send(fader, new Float(0.5));
    await eventually(() => told.get(fader)?.[0]).toBeCloseTo(0.5, 5);
  });

  test('nothing any more when it leaves or is forgotten, and its keys are let go', async () => {
    await osc.dispose();
    osc = await serve({ subscriptionMs: 1000 });
    const { send, told } = await surface();
    await send('/crosspoint/subscribe');
    await eventually(() => told.size).toBeGreaterThan(5);
    await send('/crosspoint/channel/mic:desk/cough', 1);
    await eventually(() => rig.engine.state.status.held.cough).toContain('mic:desk');
    await eventually(() => rig.engine.state.status.held.cough).toEqual([]);
    told.clear();
    await rig.run({ type: 'mute', id: 'mic:desk' });
    await send('/crosspoint/ping');
    await eventually(() => told.get('/crosspoint/pong')).toEqual(['1.2.3']);
    expect(told.has('/crosspoint/channel/mic:desk/mute')).toBe(false);
  });

  test('as many surfaces as there is room for, and no more', async () => {
    const all = await Promise.all(Array.from({ length: 17 }, surface));
    for (const { send } of all) await send('/crosspoint/subscribe');
    await eventually(() => all.filter(({ told }) => told.size > 5).length).toBe(16);
  });

  test('is what the page says, and nothing else', async () => {
    await rig.run(
      { type: 'scene.save', name: 'A' },
      { type: 'route', source: 'mic:desk', destination: 'office.mic' },
    );
    const { send, told } = await surface();
    await send('/crosspoint/subscribe');
    await eventually(() => told.size).toBeGreaterThan(20);
    await eventually(() => told.has('/crosspoint/problems')).toBe(true);
    const shape = (address: string): string =>
      address
        .replace(/^\/crosspoint/, '')
        .replace(/^\/channel\/[^/]+/, '/channel/{channel}')
        .replace(/^\/cell\/[^/]+\/[^/]+/, '/cell/{source}/{destination}')
        .replace(/^\/scene\/[^/]+/, '/scene/{scene}');
    const known = TOLD.map(({ address }) => address);
    for (const address of told.keys()) expect(known).toContain(shape(address));
  });
});

describe('who may send', () => {
  test('beyond loopback it has to be said', async () => {
    await expect(serve({ host: '0.0.0.0' })).rejects.toMatchObject({
      code: 'bad-request',
      hint: expect.stringContaining('--osc-allow') as string,
    });
    await expect(serve({ host: '0.0.0.0', allow: ['all'] })).rejects.toMatchObject({ code: 'bad-request' });
  });

  test('a port that is taken is named', async () => {
    const port = Number(osc.address.split(':')[1]);
    await expect(
      createOsc({ engine: rig.engine, log: silentLogger, host: '127.0.0.1', port, allow: [], version: '1' }),
    ).rejects.toMatchObject({ code: 'port-in-use' });
  });
});

test('no two addresses are the same, and every one says what it does', () => {
  expect(new Set(METHODS.map(({ address }) => address)).size).toBe(METHODS.length);
  for (const { takes, does } of METHODS) expect([takes, does]).not.toContain('');
});
