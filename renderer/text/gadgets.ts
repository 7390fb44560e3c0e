import {
  type GadgetAction,
  type GadgetManagement,
  type ManagementStep,
} from '../../electron/contract/index.ts';

/** Words of looking after gadgets over SSH. */
export const MANAGEMENT_TEXT = {
  title: 'Looked after over SSH',
  states: {
    new: 'Not set up yet',
    unknown: 'Not asked yet',
    working: 'Working…',
    ready: 'Ready',
    unreachable: 'Does not answer',
    untrusted: 'Host key changed',
    failed: 'Failed',
  } satisfies Record<GadgetManagement['state'], string>,
  actions: {
    provision: 'Set up',
    'update-software': 'Update',
    rollback: 'Previous version',
    uninstall: 'Uninstall',
    reboot: 'Restart',
    identify: 'Identify',
    check: 'Check now',
  } satisfies Record<GadgetAction, string>,
  running: {
    provision: 'Setting up',
    'update-software': 'Updating',
    rollback: 'Going back to the version before',
    uninstall: 'Uninstalling',
    reboot: 'Restarting',
    identify: 'Blinking its light',
    check: 'Looking at its health',
  } satisfies Record<GadgetAction, string>,
  identifyHelp: 'Blinks the green light of the Pi for ten seconds.',
  steps: (action: string) => `Steps: ${action}`,
  stepStates: {
    waiting: 'waiting',
    running: 'running',
    done: 'was so already',
    changed: 'done',
    failed: 'failed',
  } satisfies Record<ManagementStep['state'], string>,
  version: 'Software',
  newer: (version: string) => `${version} can be installed`,
  none: 'none',
  askTitle: (action: string, name: string) => `${action}: ${name}`,
  askHelp:
    'The first contact needs the password of the Pi, or a private key. It is used for this once and kept nowhere; after that the box has a key of its own.',
  with: 'Log in with',
  methods: { own: 'The box’s own key', password: 'Password', key: 'Private key' },
  password: 'Password',
  passwordHelp: 'Of the user on the Pi; also used for sudo.',
  key: 'File with the private key, on the box',
  keyHelp: 'For example /home/studio/.ssh/id_ed25519',
  begin: 'Begin',
  uninstallText:
    'Takes Crosspoint’s software off the Pi. The computer behind it loses the webcam and the sound card.',
  rebootText: 'The computer behind it loses the webcam and the sound card for about a minute.',
  untrustedTitle: (name: string) => `The host key of ${name} has changed`,
  untrustedText:
    'Either the Pi was set up anew, or another machine pretends to be it. Compare the new key with what the Pi shows (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub) before you trust it.',
  pinned: 'Known key',
  offered: 'Key that it shows now',
  confirmTyped: 'I have compared the keys',
  trust: 'Trust the new key',
  health: 'Health',
  temperature: (celsius: number) => `${Math.round(celsius)} °C`,
  uptime: (seconds: number) =>
    seconds < 3600
      ? `up ${Math.round(seconds / 60)} min`
      : seconds < 172_800
        ? `up ${Math.round(seconds / 3600)} h`
        : `up ${Math.round(seconds / 86_400)} days`,
  disk: (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB free`,
  underVoltage: { now: 'Power supply too weak now', was: 'Power supply was too weak' },
  throttled: { now: 'Slowed down now (heat or power)', was: 'Was slowed down (heat or power)' },
  clock: (ms: number) => `clock ${ms > 0 ? '+' : '−'}${Math.abs(Math.round(ms))} ms`,
  usb: 'USB',
  hostYes: 'a computer has taken it',
  hostNo: 'no computer has taken it',
  services: 'Services',
  logs: 'Log',
  logsOf: (name: string) => `Log of ${name}`,
  logsEnded: (why: string) => `No more lines: ${why}`,
  logsWaiting: 'Waiting for lines…',
  more: 'More…',
  found: 'Found in the network',
  foundHelp: 'Raspberry Pis that are not among your gadgets yet.',
  adopt: 'Adopt',
  kinds: { gadget: 'Gadget', pi: 'Raspberry Pi' },
  mixMinus: 'Mix-minus',
  mixMinusOff: 'Mix-minus is unlocked: this computer can be made to hear itself.',
  mixMinusUnlock: 'Unlock mix-minus',
  mixMinusLock: 'Lock mix-minus again',
  mixMinusTitle: (name: string) => `Let ${name} hear itself?`,
  mixMinusText:
    'Its own return could then be routed to its own microphone. In a call, everybody on the other side hears an echo of himself, and it may howl. Do this only for a test, with the volume down.',
  seconds: (value: number) => `${Math.max(0, Math.round(value))} s`,
} as const;

const count = (one: string, many: string) => (value: number) =>
  value === 0 ? null : `${value} ${value === 1 ? one : many}`;
const rounded = (value: number): number => Math.round(value * 10) / 10;

/** What a Pi says of itself, in the order of what one asks first; counts of trouble only where there is some. */
const STATS: Readonly<Record<string, (value: number) => string | null>> = {
  fps: (value) => `${rounded(value)} fps`,
  freshFps: (value) => `${rounded(value)} new pictures/s`,
  rttMs: (value) => `round trip ${rounded(value)} ms`,
  micLatencyMs: (value) => `mic ${Math.round(value)} ms`,
  speakerLatencyMs: (value) => `return ${Math.round(value)} ms`,
  temperatureC: (value) => `${Math.round(value)} °C`,
  framesRejected: count('picture refused', 'pictures refused'),
  framesOverBudget: count('picture too large', 'pictures too large'),
  usbErrors: count('USB error', 'USB errors'),
  micXruns: count('gap in the mic’s sound', 'gaps in the mic’s sound'),
  speakerXruns: count('gap in the return’s sound', 'gaps in the return’s sound'),
  audioReconnects: count('reconnection of the sound', 'reconnections of the sound'),
};

export const statsInWords = (stats: Readonly<Record<string, number>>): readonly string[] =>
  Object.entries(STATS).flatMap(([name, inWords]) => {
    const value = stats[name];
    return value === undefined ? [] : (inWords(value) ?? []);
  });
