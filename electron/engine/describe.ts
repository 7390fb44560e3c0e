import { type Command, type CommandOf, type CommandType, type Config, formatDb } from '../contract/index.ts';

/** A command as a person would say it, for the log and for "Undo …". */
export function describe(command: Command, config: Config): string {
  const nameOf = (id = ''): string =>
    [...config.sources, ...config.destinations, ...config.gadgets, ...config.groups].find(
      (entity) => entity.id === id,
    )?.label ?? id;
  const targetOf = (target: {
    id?: string | undefined;
    source?: string | undefined;
    destination?: string | undefined;
  }): string =>
    target.id === undefined ? `${nameOf(target.source)} to ${nameOf(target.destination)}` : nameOf(target.id);
  const words: { readonly [T in CommandType]: (command: CommandOf<T>) => string } = {
    route: (c) => `route ${nameOf(c.source)} to ${nameOf(c.destination)}`,
    unroute: (c) => `unroute ${nameOf(c.source)} from ${nameOf(c.destination)}`,
    setGain: (c) => `set ${targetOf(c)} to ${formatDb(c.gain)}`,
    mute: (c) => `mute ${targetOf(c)}`,
    unmute: (c) => `unmute ${targetOf(c)}`,
    panic: () => 'panic',
    'channel.update': (c) => `change the settings of ${nameOf(c.id)}`,
    'settings.update': () => 'change the settings',
    'group.add': (c) => `add group ${c.name}`,
    'group.update': (c) => `change group ${nameOf(c.id)}`,
    'group.remove': (c) => `remove group ${nameOf(c.id)}`,
    solo: (c) => `listen to ${nameOf(c.id)}`,
    unsolo: (c) => `stop listening to ${nameOf(c.id)}`,
    'solo.clear': () => 'stop listening',
    hold: (c) => `${c.key === 'talk' ? 'talk into' : 'cough away from'} ${nameOf(c.id)}`,
    release: (c) => `let go of ${nameOf(c.id)}`,
    'latency.reset': () => 'reset the latency',
    rename: (c) => `rename ${nameOf(c.id)} to ${c.name}`,
    lock: (c) => `lock ${nameOf(c.id)}`,
    unlock: (c) => `unlock ${nameOf(c.id)}`,
    'scene.save': (c) => `save scene ${c.name}`,
    'scene.recall': (c) => `recall scene ${c.name}`,
    'scene.delete': (c) => `delete scene ${c.name}`,
    'scene.import': (c) => `import scene ${c.scene.name}`,
    'camera.add': (c) => `add camera ${c.name}`,
    'camera.update': (c) => `change camera ${nameOf(c.id)}`,
    'camera.remove': (c) => `remove camera ${nameOf(c.id)}`,
    'ingest.add': (c) => `add ingest ${c.name}`,
    'ingest.regenerate': (c) => `make a new key for ${nameOf(c.id)}`,
    'ingest.update': (c) => `change ingest ${nameOf(c.id)}`,
    'ingest.remove': (c) => `remove ingest ${nameOf(c.id)}`,
    reveal: (c) => `show the key of ${nameOf(c.id)}`,
    'gadget.add': (c) => `add gadget ${c.name}`,
    'gadget.update': (c) => `change gadget ${nameOf(c.id)}`,
    'gadget.remove': (c) => `remove gadget ${nameOf(c.id)}`,
    'gadget.provision': (c) => `set up gadget ${nameOf(c.id)}`,
    'gadget.update-software': (c) => `update gadget ${nameOf(c.id)}`,
    'gadget.rollback': (c) => `roll back gadget ${nameOf(c.id)}`,
    'gadget.uninstall': (c) => `uninstall gadget ${nameOf(c.id)}`,
    'gadget.reboot': (c) => `restart gadget ${nameOf(c.id)}`,
    'gadget.identify': (c) => `identify gadget ${nameOf(c.id)}`,
    'gadget.check': (c) => `check gadget ${nameOf(c.id)}`,
    'gadget.trust': (c) => `trust the host key of gadget ${nameOf(c.id)}`,
    'program.add': (c) => `add program ${c.name}`,
    'program.remove': (c) => `remove program ${nameOf(c.id)}`,
    'device.forget': (c) => `forget ${nameOf(c.id)}`,
    'demo.start': () => 'start the demo rig',
    'demo.stop': () => 'stop the demo rig',
    undo: () => 'undo',
    redo: () => 'redo',
  };
  return (words[command.type] as (command: Command) => string)(command);
}

export function describeAll(commands: readonly Command[], config: Config): string {
  const [first, ...others] = commands;
  if (!first) return 'nothing';
  return others.length === 0
    ? describe(first, config)
    : `${describe(first, config)} and ${others.length} more`;
}
