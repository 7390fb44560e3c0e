import { type Command, type State } from '../contract/index.ts';

/** What the tray icon tells at a glance. */
export type TrayState = 'normal' | 'muted' | 'on-air' | 'trouble';

export type TrayAction =
  | { readonly kind: 'commands'; readonly commands: readonly Command[] }
  | { readonly kind: 'show' }
  | { readonly kind: 'autostart'; readonly enabled: boolean }
  | { readonly kind: 'reports' }
  | { readonly kind: 'quit' };

export type TrayItem =
  | { readonly type: 'separator' }
  /** Tells something; cannot be chosen. */
  | { readonly type: 'text'; readonly label: string }
  | { readonly type: 'menu'; readonly label: string; readonly items: readonly TrayItem[] }
  | {
      readonly type: 'action';
      readonly label: string;
      readonly action: TrayAction;
      readonly enabled: boolean;
      /** Present: shown as a checkbox. */
      readonly checked?: boolean;
    };

export interface TrayView {
  readonly state: TrayState;
  readonly tooltip: string;
  readonly items: readonly TrayItem[];
}

const SEPARATOR: TrayItem = { type: 'separator' };

/** Counted words: "1 camera", "2 cameras". */
const count = (number: number, word: string): string => `${number} ${word}${number === 1 ? '' : 's'}`;

/**
 * Everything that the tray shows. All of it is in the menu: on Linux a click on the icon may mean nothing.
 * @param autostart is the app started with the desktop? Null where that cannot be set.
 * @param reports how many reports of errors there are
 */
export function trayView({ config, status }: State, autostart: boolean | null, reports = 0): TrayView {
  const microphones = config.sources.filter((source) => source.kind === 'microphone');
  const muted = microphones.filter((microphone) => microphone.muted);
  // A group may mute what is open itself.
  const allMuted =
    microphones.length > 0 &&
    microphones.every(
      ({ id, muted: own }) => own || config.groups.some((group) => group.muted && group.members.includes(id)),
    );
  const onAir = Object.values(status.tally).filter(Boolean).length;
  const troubles = status.problems.filter(({ severity }) => severity === 'error');
  const failed = Object.values(status.services).some((service) => service.state === 'failed');

  const state: TrayState =
    troubles.length > 0 || failed ? 'trouble' : onAir > 0 ? 'on-air' : allMuted ? 'muted' : 'normal';
  const facts = [
    ...(onAir > 0 ? [`${count(onAir, 'device')} in use`] : []),
    ...(allMuted ? ['all microphones muted'] : []),
    ...(troubles.length > 0 ? [count(troubles.length, 'problem')] : failed ? ['a service has failed'] : []),
  ];
  const summary = facts.length === 0 ? 'Crosspoint' : `Crosspoint: ${facts.join(', ')}`;

  return {
    state,
    tooltip: summary,
    items: [
      { type: 'text', label: summary },
      SEPARATOR,
      action(
        'Mute all microphones',
        [{ type: 'mute', id: 'microphones' }],
        muted.length < microphones.length,
      ),
      action('Unmute all microphones', [{ type: 'unmute', id: 'microphones' }], muted.length > 0),
      SEPARATOR,
      {
        type: 'text',
        label: microphones.length === 0 ? 'There is no microphone' : 'Microphones that are on',
      },
      ...microphones.map((microphone): TrayItem => ({
        ...action(
          microphone.label,
          [{ type: microphone.muted ? 'unmute' : 'mute', id: microphone.id }],
          true,
        ),
        checked: !microphone.muted,
      })),
      SEPARATOR,
      ...scenes(config, status),
      ...gadgets(config, status),
      action('Panic: mute every microphone, blank every webcam', [{ type: 'panic' }], true),
      SEPARATOR,
      { type: 'action', label: 'Show Crosspoint', action: { kind: 'show' }, enabled: true },
      ...(autostart === null
        ? []
        : [
            {
              type: 'action' as const,
              label: 'Start with the desktop',
              action: { kind: 'autostart' as const, enabled: !autostart },
              enabled: true,
              checked: autostart,
            },
          ]),
      ...(reports === 0
        ? []
        : [
            {
              type: 'action' as const,
              label: `Show ${count(reports, 'error report')}`,
              action: { kind: 'reports' as const },
              enabled: true,
            },
          ]),
      { type: 'action', label: 'Quit Crosspoint', action: { kind: 'quit' }, enabled: true },
    ],
  };
}

/** Every scene; the one of now has a mark. */
const scenes = ({ scenes: known }: State['config'], status: State['status']): TrayItem[] =>
  known.length === 0
    ? []
    : [
        {
          type: 'menu',
          label: 'Scenes',
          items: known.map(({ name }): TrayItem => ({
            ...action(name, [{ type: 'scene.recall', name, fadeS: 0 }], true),
            checked: status.scene?.name === name,
          })),
        },
        SEPARATOR,
      ];

const LINKS = { connected: 'connected', offline: 'offline' } as const;

/** How each gadget is: its link, whether its computer uses it, and what is wrong. */
const gadgets = ({ gadgets: known }: State['config'], status: State['status']): TrayItem[] =>
  known.length === 0
    ? []
    : [
        {
          type: 'menu',
          label: 'Gadgets',
          items: known.map(({ id, label }): TrayItem => {
            const link = status.gadgets[id];
            const used = ['webcam', 'mic', 'return'].some((end) => status.tally[`${id}.${end}`] === true);
            const care = link?.management?.state;
            const words = [
              LINKS[link?.video ?? 'offline'],
              ...(used ? ['on air'] : []),
              ...(care === 'failed' || care === 'unreachable' || care === 'untrusted' ? [care] : []),
            ];
            return { type: 'text', label: `${label}: ${words.join(', ')}` };
          }),
        },
        SEPARATOR,
      ];

const action = (
  label: string,
  commands: readonly Command[],
  enabled: boolean,
): TrayItem & { type: 'action' } => ({
  type: 'action',
  label,
  action: { kind: 'commands', commands },
  enabled,
});
