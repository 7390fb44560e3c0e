import { describe, expect, it } from 'vitest';
import {
  EMPTY_CONFIG,
  EMPTY_STATUS,
  Gadget,
  parseCommands,
  Source,
  type State,
  type Status,
} from '../../../electron/contract/index.ts';
import { type TrayItem, trayView } from '../../../electron/shell/tray-menu.ts';

type Microphone = Extract<State['config']['sources'][number], { kind: 'microphone' }>;

const microphone = (slug: string, muted = false): Microphone =>
  Source.parse({
    kind: 'microphone',
    id: `mic:${slug}`,
    media: 'audio',
    label: `${slug} mic`,
    muted,
    device: slug,
  }) as Microphone;
const state = (microphones: readonly Microphone[], status: Partial<Status> = {}): State => ({
  revision: 1,
  config: { ...EMPTY_CONFIG, sources: [...microphones] },
  status: { ...EMPTY_STATUS, ...status },
});
const problem = (severity: 'warning' | 'error') => ({ id: 'x', severity, message: 'something' });
const view = (microphones: readonly Microphone[], status: Partial<Status> = {}) =>
  trayView(state(microphones, status), false);

const find = (items: readonly TrayItem[], label: string) => {
  const item = items.find((candidate) => candidate.type === 'action' && candidate.label === label);
  if (item?.type !== 'action') throw new Error(`no "${label}"`);
  return item;
};
const commandsOf = (item: TrayItem) =>
  item.type === 'action' && item.action.kind === 'commands' ? item.action.commands : [];

describe('the icon', () => {
  it.each<[string, readonly Microphone[], Partial<Status>]>([
    ['normal', [], {}],
    ['normal', [microphone('a'), microphone('b', true)], {}],
    ['muted', [microphone('a', true), microphone('b', true)], {}],
    ['on-air', [microphone('a')], { tally: { 'desk.webcam': true, 'desk.mic': false } }],
    ['normal', [microphone('a')], { tally: { 'desk.webcam': false } }],
    ['on-air', [microphone('a', true)], { tally: { 'desk.webcam': true } }],
    ['trouble', [], { tally: { 'desk.webcam': true }, problems: [problem('error')] }],
    ['normal', [], { problems: [problem('warning')] }],
    ['trouble', [], { services: { ...EMPTY_STATUS.services, sound: { state: 'failed' } } }],
  ])('is %s', (expected, microphones, status) => {
    expect(view(microphones, status).state).toBe(expected);
  });

  it('is muted when a group mutes what is open itself', () => {
    const group = { id: 'group:speech', label: 'Speech', gain: 0, muted: true, members: ['mic:a'] } as const;
    const open = state([microphone('a')]);
    const muted = { ...open, config: { ...open.config, groups: [group] } } as unknown as State;
    expect(trayView(muted, false).state).toBe('muted');
    expect(trayView(open, false).state).toBe('normal');
  });

  it('is explained in words', () => {
    expect(view([]).tooltip).toBe('Crosspoint');
    expect(view([microphone('a', true)], { tally: { 'desk.webcam': true } }).tooltip).toBe(
      'Crosspoint: 1 device in use, all microphones muted',
    );
    expect(view([], { problems: [problem('error'), problem('error')] }).tooltip).toBe(
      'Crosspoint: 2 problems',
    );
  });
});

describe('the menu', () => {
  it('has everything, for on Linux a click on the icon may mean nothing', () => {
    expect(
      view([microphone('a'), microphone('b', true)]).items.map((item) =>
        item.type === 'separator' ? '-' : item.label,
      ),
    ).toEqual([
      'Crosspoint',
      '-',
      'Mute all microphones',
      'Unmute all microphones',
      '-',
      'Microphones that are on',
      'a mic',
      'b mic',
      '-',
      'Panic: mute every microphone, blank every webcam',
      '-',
      'Show Crosspoint',
      'Start with the desktop',
      'Quit Crosspoint',
    ]);
  });

  it('shows each microphone as a checkbox that switches it', () => {
    const { items } = view([microphone('a'), microphone('b', true)]);
    expect(find(items, 'a mic')).toMatchObject({
      checked: true,
      action: { commands: [{ type: 'mute', id: 'mic:a' }] },
    });
    expect(find(items, 'b mic')).toMatchObject({
      checked: false,
      action: { commands: [{ type: 'unmute', id: 'mic:b' }] },
    });
  });

  it('offers what would change something', () => {
    const offered = (microphones: readonly Microphone[]) =>
      ['Mute all microphones', 'Unmute all microphones'].map(
        (label) => find(view(microphones).items, label).enabled,
      );
    expect(offered([])).toEqual([false, false]);
    expect(offered([microphone('a')])).toEqual([true, false]);
    expect(offered([microphone('a', true)])).toEqual([false, true]);
    expect(offered([microphone('a'), microphone('b', true)])).toEqual([true, true]);
  });

  it('always offers panic, show and quit', () => {
    const { items } = view([], { services: { ...EMPTY_STATUS.services, sound: { state: 'failed' } } });
    for (const label of [
      'Panic: mute every microphone, blank every webcam',
      'Show Crosspoint',
      'Quit Crosspoint',
    ])
      expect(find(items, label).enabled).toBe(true);
  });

  it('says nothing of autostart where it cannot be set', () => {
    expect(
      trayView(state([]), null).items.some(
        (item) => item.type === 'action' && item.action.kind === 'autostart',
      ),
    ).toBe(false);
    expect(find(trayView(state([]), true).items, 'Start with the desktop')).toMatchObject({
      checked: true,
      action: { kind: 'autostart', enabled: false },
    });
  });

  it('gives only commands that the engine takes', () => {
    const commands = view([microphone('a'), microphone('b', true)]).items.flatMap(commandsOf);
    expect(commands.length).toBe(5);
    expect(parseCommands(commands)).toEqual(commands);
  });

  it('recalls scenes, with a mark at the one of now, and tells how each gadget is', () => {
    const base = state([], {
      scene: { name: 'Evening' },
      tally: { 'desk.webcam': true },
      gadgets: { desk: { video: 'connected', audio: 'offline' } },
    });
    const { items } = trayView(
      {
        ...base,
        config: {
          ...base.config,
          scenes: ['Morning', 'Evening'].map((name) => ({ name, routes: [], channels: {} })),
          gadgets: [Gadget.parse({ id: 'desk', label: 'Desk', host: null })],
        },
      },
      false,
    );
    const inside = (label: string) =>
      items.flatMap((item) => (item.type === 'menu' && item.label === label ? item.items : []));
    expect(inside('Scenes').map((item) => item.type === 'action' && [item.label, item.checked])).toEqual([
      ['Morning', false],
      ['Evening', true],
    ]);
    const commands = inside('Scenes').flatMap(commandsOf);
    expect(parseCommands(commands)).toEqual(commands);
    expect(inside('Gadgets')).toEqual([{ type: 'text', label: 'Desk: connected, on air' }]);
  });
});
