import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toDisposable } from '../../../electron/base/disposable.ts';
import { camera, desired, type Receiver, until, VideoRig } from '../../support/video-rig.ts';

let rig: VideoRig;
let display: string;
beforeEach(async () => {
  rig = await VideoRig.start();
  display = await xvfb();
});
afterEach(() => rig.dispose());

const owned = (child: ChildProcess): ReturnType<typeof toDisposable> => {
  const exited = new Promise((resolve) => child.once('close', resolve));
  return rig.owned.add(
    toDisposable(async () => {
      child.kill('SIGKILL');
      await exited;
    }),
  );
};

async function xvfb(): Promise<string> {
  const server = spawn(
    'Xvfb',
    ['-displayfd', '3', '-screen', '0', '640x360x24', '-nolisten', 'tcp', '-noreset'],
    {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    },
  );
  let number = '';
  server.stdio[3]!.on('data', (text: Buffer) => (number += text.toString()));
  owned(server);
  await until('a display', () => number.endsWith('\n'), 15_000);
  return `:${number.trim()}`;
}

/** A window of this colour at the top right of the screen; its id. */
async function openWindow(
  colour: string,
): Promise<{ readonly id: string; readonly close: () => Promise<void> }> {
  const window = owned(
    spawn(
      'ffplay',
      [
        ...[
          '-hide_banner',
          '-loglevel',
          'error',
          '-f',
          'lavfi',
          '-i',
          `color=c=${colour}:size=320x180:rate=10`,
        ],
        ...['-noborder', '-left', '320', '-top', '0', '-window_title', 'camera test'],
      ],
      { stdio: 'ignore', env: { ...process.env, DISPLAY: display, SDL_AUDIODRIVER: 'dummy' } },
    ),
  );
  let id: string | undefined;
  await until(
    'the window',
    () => {
      const { stdout: tree } = spawnSync('xwininfo', ['-display', display, '-root', '-tree'], {
        encoding: 'utf8',
      });
      id = /(0x[0-9a-f]+) "camera test".* 320x180\+\S+\s+\+320\+0$/m.exec(tree)?.[1];
      return id !== undefined;
    },
    15_000,
  );
  return { id: id!, close: async () => window.dispose() };
}

const show = async (settings: object): Promise<Receiver> => {
  rig.plane.apply(desired([camera('cam:x', { kind: 'screen', display, ...settings })], 'cam:x'));
  return rig.play('gadget/desk?token=secret');
};
const size = (): string => {
  const { width, height } = rig.plane.status.sources['cam:x'] ?? {};
  return `${width}x${height}`;
};

describe('a screen', () => {
  it('is shown as a whole, or a region of it, or one window, which may go and another one come', async () => {
    const window = await openWindow('red');
    const desk = await show({});
    await until('the whole screen', () => size() === '640x360', 15_000);
    await show({ region: { x: 400, y: 50, width: 160, height: 90 } });
    await desk.untilColour('red', 15_000);
    expect(size()).toBe('160x90');
    await show({ region: { x: 0, y: 200, width: 160, height: 90 } });
    await desk.untilColour('dark', 15_000);
    await show({ window: window.id });
    await desk.untilColour('red', 15_000);
    expect(size()).toBe('320x180');
    await window.close();
    await until(
      'the reason',
      () => (rig.plane.status.sources['cam:x']?.reason ?? '').includes('window'),
      15_000,
    );
    await show({ region: { x: 600, y: 0, width: 160, height: 90 } });
    await until(
      'the other reason',
      () => (rig.plane.status.sources['cam:x']?.reason ?? '').includes('outside'),
      15_000,
    );
  }, 60_000);

  it('that is not there is told, and comes by itself when it is', async () => {
    const desk = await show({ display: ':4242' });
    await until(
      'the reason',
      () => (rig.plane.status.sources['cam:x']?.reason ?? '').includes('no X display'),
      15_000,
    );
    const window = await openWindow('blue');
    await show({ window: window.id });
    await desk.untilColour('blue', 15_000);
  }, 40_000);
});
