import { text } from 'node:stream/consumers';
import { Argument, type Command as Program } from 'commander';
import { type CommandInput, CrosspointError, isAudio, parseCommands, type State } from '../contract/index.ts';
import { Client, type ClientFlags } from './client.ts';
import { command, firstOf, print } from './command.ts';

type Flags = ClientFlags & { readonly json?: boolean };

/** What `crosspoint ids` can list, and the shells complete. */
export const ID_KINDS = {
  sources: ({ config }: State) => config.sources.map(({ id }) => id),
  destinations: ({ config }: State) => config.destinations.map(({ id }) => id),
  channels: ({ config }: State) => [...config.sources, ...config.destinations].map(({ id }) => id),
  audio: ({ config }: State) =>
    [...config.sources, ...config.destinations].filter(isAudio).map(({ id }) => id),
  cameras: ({ config }: State) => config.sources.filter(({ kind }) => kind === 'camera').map(({ id }) => id),
  ingests: ({ config }: State) => config.sources.filter(({ kind }) => kind === 'ingest').map(({ id }) => id),
  programs: ({ config }: State) =>
    config.destinations.filter(({ kind }) => kind === 'program').map(({ id }) => id),
  gadgets: ({ config }: State) => config.gadgets.map(({ id }) => id),
  scenes: ({ config }: State) => config.scenes.map(({ name }) => name),
} as const satisfies Readonly<Record<string, (state: State) => readonly string[]>>;
export type IdKind = keyof typeof ID_KINDS;

/** For scripts: anything that the API can do, and the names that it knows. */
export function registerRawCommands(program: Program): void {
  const send = command(
    program,
    'send <json>',
    'send a command of the API, or a list of them, as JSON; "-" reads it from the standard input',
  );
  send.action(async () => {
    const given = firstOf(send.args);
    const commands = readCommands(given === '-' ? await text(process.stdin) : given);
    print(JSON.stringify(await new Client(send.opts<Flags>()).commands(...commands)));
  });

  const ids = command(program, 'ids', 'list what there is, one id (or name of a scene) a line');
  ids.addArgument(new Argument('<kind>', 'of what').choices(Object.keys(ID_KINDS)));
  ids.action(async () => {
    const flags = ids.opts<Flags>();
    const state = await new Client(flags).state();
    const found = ID_KINDS[firstOf(ids.args) as IdKind](state);
    if (flags.json === true) print(JSON.stringify(found));
    else if (found.length > 0) print(found.join('\n'));
  });

  const log = command(program, 'log', 'show what happened, newest last');
  log.action(async () => {
    const flags = log.opts<Flags>();
    const { entries } = await new Client(flags).log();
    if (flags.json === true) print(JSON.stringify(entries));
    else
      for (const { at, severity, message, origin } of entries)
        print(
          `${new Date(at).toISOString()}  ${severity.padEnd(7)}  ${message}${origin === undefined ? '' : `  (${origin})`}`,
        );
  });
}

/** Checked here already, so that a slip is named without an engine. */
function readCommands(json: string): readonly CommandInput[] {
  let body: unknown;
  try {
    body = JSON.parse(json);
  } catch (cause) {
    throw new CrosspointError('bad-request', 'This is no JSON.', {
      hint: `Write for example '{"type":"mute","id":"mic:desk"}'.`,
      cause,
    });
  }
  return parseCommands(body);
}
