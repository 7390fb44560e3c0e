import { type Command as Program, InvalidArgumentError, Option } from 'commander';
import { resolve } from 'node:path';
import { type CameraSettingsInput, CrosspointError, formatDb, PATTERNS } from '../contract/index.ts';
import { Client, type ClientFlags } from './client.ts';
import { command, firstOf, print, sends } from './command.ts';
import { registerGadgetCommands } from './gadget-commands.ts';
import { registerRawCommands } from './raw-commands.ts';
import { registerSceneFileCommands } from './scene-commands.ts';
import { statusText } from './status-text.ts';

function parseGain(text: string): number {
  const gain = /^-(inf|∞)$/i.test(text) ? -100 : Number(text);
  if (!Number.isFinite(gain))
    throw new InvalidArgumentError('A gain is a number of dB, such as -6, or -inf.');
  return gain;
}

/** The commands that talk to a running engine. */
export function registerClientCommands(program: Program): void {
  const [a, b] = [firstOf, (args: readonly string[]) => args[1] ?? ''];

  const status = command(program, 'status', 'show what is routed and what is wrong');
  status.action(async () => {
    const flags = status.opts<ClientFlags & { json?: boolean }>();
    const state = await new Client(flags).state();
    print(flags.json === true ? JSON.stringify(state) : statusText(state));
  });

  sends(
    program,
    'route <source> <destination>',
    'switch a crosspoint on, or change its gain',
    (args, { gain }) => ({
      type: 'route',
      source: a(args),
      destination: b(args),
      ...(typeof gain === 'number' ? { gain } : {}),
    }),
  ).option('--gain <dB>', `-100 (${formatDb(-100)}) to +10`, parseGain);
  sends(program, 'unroute <source> <destination>', 'switch a crosspoint off', (args) => ({
    type: 'unroute',
    source: a(args),
    destination: b(args),
  }));
  sends(program, 'mute <id>', 'mute a source or destination ("microphones": all of them)', (args) => ({
    type: 'mute',
    id: a(args),
  }));
  sends(program, 'unmute <id>', 'unmute it', (args) => ({ type: 'unmute', id: a(args) }));
  sends(program, 'gain <id> <dB>', 'set the gain of a source, destination or group', (args) => ({
    type: 'setGain',
    id: a(args),
    gain: parseGain(b(args)),
  }));
  sends(
    program,
    'lock <destination>',
    'protect a destination: nothing changes there but mute and panic',
    (args) => ({
      type: 'lock',
      id: a(args),
    }),
  );
  sends(program, 'unlock <destination>', 'let it be changed again', (args) => ({
    type: 'unlock',
    id: a(args),
  }));
  sends(
    program,
    'rename <id> <name>',
    'give a source, destination, group or gadget another name',
    (args) => ({
      type: 'rename',
      id: a(args),
      name: b(args),
    }),
  );
  sends(program, 'panic', 'mute every microphone and blank every webcam', () => ({ type: 'panic' }));
  sends(program, 'undo', 'take the last change back', () => ({ type: 'undo' }));
  sends(program, 'redo', 'do it again', () => ({ type: 'redo' }));

  const scene = program.command('scene').description('named snapshots of routes, gains and mutes');
  sends(scene, 'save <name>', 'keep the routing under a name', (args) => ({
    type: 'scene.save',
    name: a(args),
  }));
  sends(scene, 'recall <name>', 'bring it back, all or a part of it', (args, { fade, media, only }) => ({
    type: 'scene.recall',
    name: a(args),
    ...(typeof fade === 'string' ? { fadeS: Number(fade) } : {}),
    ...(media === 'audio' || media === 'video' ? { media } : {}),
    ...(Array.isArray(only) ? { destinations: only.map(String) } : {}),
  }))
    .option('--fade <seconds>', 'let the gains glide, 0 to 10 s')
    .addOption(new Option('--media <medium>', 'sound or pictures only').choices(['audio', 'video']))
    .option('--only <destination...>', 'these destinations only');
  sends(scene, 'delete <name>', 'forget it', (args) => ({ type: 'scene.delete', name: a(args) }));
  registerSceneFileCommands(scene);
  const list = command(scene, 'list', 'show the names');
  list.action(async () => {
    const flags = list.opts<ClientFlags & { json?: boolean }>();
    const names = (await new Client(flags).state()).config.scenes.map(({ name }) => name);
    print(
      flags.json === true
        ? JSON.stringify(names)
        : names.length === 0
          ? 'No scene was saved yet.'
          : names.join('\n'),
    );
  });

  registerProgramCommands(program);
  registerGadgetCommands(program);
  registerRawCommands(program);

  const camera = program.command('camera').description('cameras of the box');
  sends(
    camera,
    'add <name>',
    'add a camera; one of the options says which',
    (args, flags) => ({ type: 'camera.add', name: a(args), ...cameraSettings(flags) }),
    ({ id }) => `id ${String(id)}`,
  )
    .addOption(new Option('--test <pattern>', 'a test pattern').choices(PATTERNS))
    .option('--image <file>', 'a picture')
    .option('--device <path>', 'a V4L2 camera, /dev/v4l/by-id/…')
    .option('--from <url>', 'an RTSP or HTTP camera, or a file')
    .option('--screen <display>', 'an X11 screen, such as :0');
  sends(camera, 'remove <id>', 'take it and its routes out', (args) => ({
    type: 'camera.remove',
    id: a(args),
  }));

  const ingest = program.command('ingest').description('stream keys for RTMP publishers');
  sends(
    ingest,
    'add <name>',
    'make a stream key',
    (args) => ({ type: 'ingest.add', name: a(args) }),
    ({ id, key }) => `id ${String(id)}\nkey ${String(key)}`,
  );
  sends(
    ingest,
    'key <id>',
    'show its key',
    (args) => ({ type: 'reveal', id: a(args) }),
    ({ key }) => String(key),
  );
  sends(ingest, 'remove <id>', 'take it and its routes out', (args) => ({
    type: 'ingest.remove',
    id: a(args),
  }));
}

/** Outputs that any RTMP player can open. */
function registerProgramCommands(parent: Program): void {
  const output = parent.command('program').description('outputs that any RTMP player can open');
  sends(
    output,
    'add <name>',
    'make one',
    (args) => ({ type: 'program.add', name: firstOf(args) }),
    ({ id }) => `id ${String(id)}`,
  );
  sends(output, 'remove <id>', 'take it and its routes out', (args) => ({
    type: 'program.remove',
    id: firstOf(args),
  }));
}

/** Exactly one of the options says what kind of camera it is. */
function cameraSettings(flags: Readonly<Record<string, unknown>>): CameraSettingsInput {
  const given = (['test', 'image', 'device', 'from', 'screen'] as const).filter(
    (name) => typeof flags[name] === 'string',
  );
  const [kind, ...others] = given;
  if (kind === undefined || others.length > 0)
    throw new CrosspointError('bad-request', 'Say which kind of camera it is.', {
      hint: 'Give exactly one of --test, --image, --device, --from, --screen.',
    });
  const value = String(flags[kind]);
  switch (kind) {
    case 'test':
      return { kind: 'test', pattern: value as (typeof PATTERNS)[number] };
    case 'image':
      return { kind: 'image', file: resolve(value) };
    case 'device':
      return { kind: 'v4l2', device: value };
    case 'from':
      return { kind: 'url', url: value };
    case 'screen':
      return { kind: 'screen', display: value };
  }
}
