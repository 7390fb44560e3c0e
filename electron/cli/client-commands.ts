import { type Command as Program, InvalidArgumentError } from 'commander';
import { resolve } from 'node:path';
import {
  type CameraSettingsInput,
  type CommandInput,
  CrosspointError,
  formatDb,
  type PATTERNS,
} from '../contract/index.ts';
import { defaultStateDir } from '../engine/paths.ts';
import { formatGadgetConf } from '../gadgets/gadget-conf.ts';
import { Client, type ClientFlags } from './client.ts';
import { statusText } from './status-text.ts';

const print = (text: string): void => void process.stdout.write(`${text}\n`);

function parseGain(text: string): number {
  const gain = /^-(inf|∞)$/i.test(text) ? -100 : Number(text);
  if (!Number.isFinite(gain))
    throw new InvalidArgumentError('A gain is a number of dB, such as -6, or -inf.');
  return gain;
}

/** The commands that talk to a running engine. */
export function registerClientCommands(program: Program): void {
  const command = (parent: Program, usage: string, description: string): Program =>
    parent
      .command(usage)
      .description(description)
      .option('--state-dir <dir>', 'of the engine to talk to', defaultStateDir())
      .option('--url <url>', 'address of the engine, such as http://127.0.0.1:7788')
      .option('--token <token>', 'its token')
      .option('--json', 'print the answer as JSON');
  /** Sends what `make` makes of the arguments; prints what `say` makes of the result. */
  const sends = (
    parent: Program,
    usage: string,
    description: string,
    make: (args: readonly string[], flags: Readonly<Record<string, unknown>>) => CommandInput,
    say: (result: Readonly<Record<string, unknown>>) => string | undefined = () => undefined,
  ): Program => {
    const made = command(parent, usage, description);
    made.action(async () => {
      const flags = made.opts<ClientFlags & { json?: boolean }>();
      const response = await new Client(flags).commands(make(made.args, made.opts()));
      const text = flags.json === true ? JSON.stringify(response) : say(response.results[0] ?? {});
      if (text !== undefined) print(text);
    });
    return made;
  };
  const [a, b] = [(args: readonly string[]) => args[0] ?? '', (args: readonly string[]) => args[1] ?? ''];

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
  sends(program, 'panic', 'mute every microphone and blank every webcam', () => ({ type: 'panic' }));
  sends(program, 'undo', 'take the last change back', () => ({ type: 'undo' }));
  sends(program, 'redo', 'do it again', () => ({ type: 'redo' }));

  const scene = program.command('scene').description('named snapshots of routes, gains and mutes');
  sends(scene, 'save <name>', 'keep the routing under a name', (args) => ({
    type: 'scene.save',
    name: a(args),
  }));
  sends(scene, 'recall <name>', 'bring it back', (args) => ({ type: 'scene.recall', name: a(args) }));
  sends(scene, 'delete <name>', 'forget it', (args) => ({ type: 'scene.delete', name: a(args) }));
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

  const gadget = program.command('gadget').description('Raspberry Pis in USB gadget mode');
  sends(
    gadget,
    'add <name>',
    'make a place for a gadget',
    (args, { host, user, port }) => ({
      type: 'gadget.add',
      name: a(args),
      host: typeof host === 'string' ? host : null,
      ...(typeof user === 'string' ? { user } : {}),
      ...(typeof port === 'string' ? { port: Number(port) } : {}),
    }),
    ({ id, token }) => `id ${String(id)}\ntoken ${String(token)}`,
  )
    .option('--host <host>', 'its address for SSH; without one it is not managed')
    .option('--user <user>', 'its user for SSH')
    .option('--port <port>', 'its port for SSH');
  sends(gadget, 'remove <id>', 'take it and its routes out', (args) => ({
    type: 'gadget.remove',
    id: a(args),
  }));
  sends(
    gadget,
    'token <id>',
    'show its token',
    (args) => ({ type: 'reveal', id: a(args) }),
    ({ token }) => String(token),
  );

  const config = command(
    gadget,
    'config <id>',
    'print /etc/crosspoint/gadget.conf for a gadget that is set up by hand',
  )
    .requiredOption('--box <host>', 'name or address of this box as the gadget reaches it')
    .option('--sound-port <port>', 'port of --audio-listen; without it there are pictures only');
  config.action(async () => {
    const flags = config.opts<ClientFlags & { box: string; soundPort?: string }>();
    const client = new Client(flags);
    const { results } = await client.commands({ type: 'reveal', id: a(config.args) });
    const state = await client.state();
    const found = state.config.gadgets.find(({ id }) => id === results[0]?.id);
    if (!found) throw new CrosspointError('unknown-id', `There is no gadget "${a(config.args)}".`);
    const rtmpPort = Number(/:(\d+)$/.exec(state.status.services.rtmp.address ?? '')?.[1] ?? 1935);
    process.stdout.write(
      formatGadgetConf({
        id: found.id,
        label: found.label,
        token: String(results[0]?.token),
        rtmp: { host: flags.box, port: rtmpPort },
        ...(flags.soundPort === undefined
          ? {}
          : { sound: { host: flags.box, port: Number(flags.soundPort) } }),
        audioTargetMs: 20,
      }),
    );
  });

  const camera = program.command('camera').description('cameras of the box');
  sends(
    camera,
    'add <name>',
    'add a camera; one of the options says which',
    (args, flags) => ({ type: 'camera.add', name: a(args), ...cameraSettings(flags) }),
    ({ id }) => `id ${String(id)}`,
  )
    .option('--test <pattern>', 'a test pattern, such as smpte')
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
      // The engine checks the pattern's name, and says which there are.
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
