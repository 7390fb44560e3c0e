import { type Command as Program } from 'commander';
import {
  type CommandInput,
  CrosspointError,
  type Gadget,
  type GadgetManagement,
  maxFrameBytesOf,
  type ManagementStep,
} from '../contract/index.ts';
import { AUDIO_TARGET_MS, formatGadgetConf } from '../gadgets/gadget-conf.ts';
import { Client, type ClientFlags } from './client.ts';
import { command, firstOf, print, sends } from './command.ts';
import { followGadgetLog } from './gadget-log.ts';
import { healthText, managementText, stepText } from './gadget-text.ts';
import { registerImageCommand } from './image-command.ts';
import { firstLine } from './input.ts';

type Flags = ClientFlags & { readonly json?: boolean };
type LoginFlags = Flags & { readonly passwordStdin?: boolean; readonly key?: string };

/** How often a run is looked at. */
const LOOK_MS = 150;

const ERRANDS = {
  provision: ['gadget.provision', 'make a bare Raspberry Pi this gadget'],
  update: ['gadget.update-software', 'install the programs that this box brings'],
  rollback: ['gadget.rollback', 'go back to the programs before'],
  uninstall: ['gadget.uninstall', 'take everything off the Raspberry Pi again'],
  reboot: ['gadget.reboot', 'restart it, and wait until it is back'],
  identify: ['gadget.identify', 'blink its light for ten seconds'],
} as const;

export function registerGadgetCommands(program: Program): void {
  const gadget = program.command('gadget').description('Raspberry Pis in USB gadget mode');
  sends(
    gadget,
    'add <name>',
    'make a place for a gadget',
    (args, { host, user, port }) => ({
      type: 'gadget.add',
      name: firstOf(args),
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
    id: firstOf(args),
  }));
  sends(
    gadget,
    'token <id>',
    'show its token',
    (args) => ({ type: 'reveal', id: firstOf(args) }),
    ({ token }) => String(token),
  );

  for (const [name, [type, description]] of Object.entries(ERRANDS)) {
    const errand = command(gadget, `${name} <id>`, description)
      .option('--password-stdin', 'read the password of its user from the standard input; it is not kept')
      .option('--key <file>', 'a private key that its user knows, a file on the box');
    errand.action(async () => {
      const flags = errand.opts<LoginFlags>();
      const password =
        flags.passwordStdin === true ? await firstLine(process.stdin, 'the password') : undefined;
      await perform(flags, {
        type,
        id: firstOf(errand.args),
        ...(password === undefined ? {} : { password }),
        ...(flags.key === undefined ? {} : { key: flags.key }),
      });
    });
  }

  const trust = command(gadget, 'trust <id>', 'take the host key that it shows now').option(
    '--fingerprint <fingerprint>',
    'only if it is this one',
  );
  trust.action(async () => {
    const flags = trust.opts<Flags & { fingerprint?: string }>();
    const client = new Client(flags);
    const { fingerprint } = flags;
    await client.commands({
      type: 'gadget.trust',
      id: firstOf(trust.args),
      ...(fingerprint === undefined ? {} : { fingerprint }),
    });
    const { management } = await find(client, firstOf(trust.args));
    print(flags.json === true ? JSON.stringify(management) : `trusted ${management.fingerprint ?? ''}`);
  });

  const status = command(gadget, 'status <id>', 'show how it and the box get along');
  status.action(async () => {
    const flags = status.opts<Flags>();
    const { gadget: found, management } = await find(new Client(flags), firstOf(status.args));
    print(flags.json === true ? JSON.stringify(management) : managementText(found, management));
  });

  const health = command(gadget, 'health <id>', 'look at it now: power, heat, card, clock, USB, rates');
  health.action(async () => {
    const flags = health.opts<Flags>();
    const { health: seen } = await follow(new Client(flags), {
      type: 'gadget.check',
      id: firstOf(health.args),
    });
    if (!seen)
      throw new CrosspointError('not-found', 'Nothing is known of its health.', {
        hint: 'Provision it first: the box looks after what it has set up.',
      });
    print(flags.json === true ? JSON.stringify(seen) : healthText(seen));
  });

  const logs = command(gadget, 'logs <id>', 'show its log, and every new line of it');
  logs.action(async () => {
    const flags = logs.opts<Flags>();
    const client = new Client(flags);
    const { gadget: found } = await find(client, firstOf(logs.args));
    const say = (line: string): void => print(flags.json === true ? JSON.stringify({ line }) : line);
    await followGadgetLog(client, found.id, say);
  });

  const found = command(
    gadget,
    'found',
    'show Raspberry Pis in the network that are not gadgets of this box',
  );
  found.action(async () => {
    const flags = found.opts<Flags>();
    const { gadgets } = (await new Client(flags).state()).status.found;
    if (flags.json === true) print(JSON.stringify(gadgets));
    else if (gadgets.length === 0) print('None was found.');
    for (const { name, host, addresses, kind, version } of flags.json === true ? [] : gadgets)
      print(
        [host, addresses.join(', '), kind === 'gadget' ? (version ?? 'waits to be set up') : name].join('  '),
      );
  });

  const config = command(
    gadget,
    'config <id>',
    'print /etc/crosspoint/gadget.conf for a gadget that is set up by hand',
  )
    .requiredOption('--box <host>', 'name or address of this box as the gadget reaches it')
    .option('--sound-port <port>', 'port of --audio-listen; without it there are pictures only');
  config.action(async () => {
    const flags = config.opts<Flags & { box: string; soundPort?: string }>();
    const client = new Client(flags);
    const { results } = await client.commands({ type: 'reveal', id: firstOf(config.args) });
    const state = await client.state();
    const known = state.config.gadgets.find(({ id }) => id === results[0]?.id);
    if (!known) throw new CrosspointError('unknown-id', `There is no gadget "${firstOf(config.args)}".`);
    const rtmpPort = Number(/:(\d+)$/.exec(state.status.services.rtmp.address ?? '')?.[1] ?? 1935);
    const text = formatGadgetConf({
      id: known.id,
      label: known.label,
      token: String(results[0]?.token),
      rtmp: { host: flags.box, port: rtmpPort },
      ...(flags.soundPort === undefined ? {} : { sound: { host: flags.box, port: Number(flags.soundPort) } }),
      maxFrameBytes: maxFrameBytesOf(state.config.destinations, known.id),
      audioTargetMs: AUDIO_TARGET_MS.cable,
    });
    process.stdout.write(
      flags.json === true ? `${JSON.stringify({ path: '/etc/crosspoint/gadget.conf', text })}\n` : text,
    );
  });

  registerImageCommand(gadget);
}

async function find(
  client: Client,
  reference: string,
): Promise<{ readonly gadget: Gadget; readonly management: GadgetManagement }> {
  const { config, status } = await client.state();
  const gadget =
    config.gadgets.find(({ id }) => id === reference) ??
    config.gadgets.find(({ label }) => label.toLowerCase() === reference.toLowerCase());
  if (!gadget) throw new CrosspointError('unknown-id', `There is no gadget "${reference}".`);
  const management = status.gadgets[gadget.id]?.management;
  if (!management)
    throw new CrosspointError('bad-request', `${gadget.label} (${gadget.id}) has no address for SSH.`, {
      hint: 'It is not managed: a gadget gets an address with "gadget add --host".',
    });
  return { gadget, management };
}

async function perform(flags: Flags, input: CommandInput): Promise<void> {
  const quiet = flags.json === true;
  const management = await follow(new Client(flags), input, quiet ? undefined : print);
  if (quiet) print(JSON.stringify(management));
}

/**
 * Begin an action and see it through; each step is said as it ends.
 * @throws CrosspointError with what the failed step said
 */
async function follow(
  client: Client,
  input: CommandInput,
  say: (line: string) => void = () => undefined,
): Promise<GadgetManagement> {
  const { results } = await client.commands(input);
  const { id, run } = results[0] ?? {};
  const told = new Map<string, string>();
  for (;;) {
    const { management } = await find(client, String(id));
    if (management.run !== run)
      throw new CrosspointError(
        'in-use',
        'Something else is being done to it now; what became of this is not known.',
      );
    for (const step of management.steps) tell(step, told, say);
    if (management.finishedAt !== undefined) {
      const failed = management.steps.find(({ state }) => state === 'failed');
      if (!failed) return management;
      throw new CrosspointError('unavailable', failed.detail ?? failed.title, {
        ...(failed.hint === undefined ? {} : { hint: failed.hint }),
      });
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** Each state and each sentence once; the failure itself is what the command ends with. */
function tell(step: ManagementStep, told: Map<string, string>, say: (line: string) => void): void {
  const { id, state, detail } = step;
  const now = `${state} ${detail ?? ''}`;
  if (state === 'waiting' || told.get(id) === now) return;
  told.set(id, now);
  if (state === 'failed') say(`✗ ${step.title}`);
  else if (state !== 'running' || detail !== undefined) say(stepText(step));
}
