import {
  type Gadget,
  type GadgetHealth,
  type GadgetManagement,
  type ManagementStep,
} from '../contract/index.ts';

const MARKS: Readonly<Record<ManagementStep['state'], string>> = {
  waiting: ' ',
  running: '…',
  done: '✓',
  changed: '✓',
  failed: '✗',
};

/** One step as a line; its hint on the next one. */
export function stepText({ title, state, detail, hint, progress }: ManagementStep): string {
  const part = state === 'running' && progress !== undefined ? ` ${Math.round(progress * 100)} %` : '';
  return `${MARKS[state]} ${title}${detail === undefined ? '' : `: ${detail}`}${part}${hint === undefined ? '' : `\n    ${hint}`}`;
}

/** How the box and a gadget get along, for a terminal. */
export function managementText({ id, label, host, user }: Gadget, management: GadgetManagement): string {
  const { state, action, reason, hint, fingerprint, offeredFingerprint, version, available, previous } =
    management;
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['Address', host === null ? undefined : `${user}@${host}`],
    ['State', state],
    ['Reason', reason],
    ['What to do', hint],
    ['Host key', fingerprint],
    ['It shows now', offeredFingerprint],
    ['Version', version],
    ['This box has', available === version ? undefined : available],
    ['To go back to', previous],
    ['Last', action],
  ];
  return [`${label} (${id})`, ...table(rows), ...management.steps.map((step) => `  ${stepText(step)}`)].join(
    '\n',
  );
}

const levelText = { no: 'no', was: 'at some time since its start', now: 'yes, now' } as const;

/** Everything that is known of a Pi's health, for a terminal. */
export function healthText(health: GadgetHealth): string {
  const { format, services, warnings } = health;
  const number = (value: number | undefined, unit: string, scale = 1, digits = 0): string | undefined =>
    value === undefined ? undefined : `${(value / scale).toFixed(digits)} ${unit}`;
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['Board', health.board],
    ['System', health.os],
    ['Kernel', health.kernel],
    ['Version', health.version],
    ['Up for', number(health.uptimeS, 'h', 3600, 1)],
    ['Temperature', number(health.temperatureC, '°C', 1, 1)],
    ['Power too weak', health.underVoltage && levelText[health.underVoltage]],
    ['Slowed down', health.throttled && levelText[health.throttled]],
    ['Free on the card', number(health.diskFreeBytes, 'MB', 1024 * 1024)],
    ['Clock ahead', number(health.clockOffsetMs, 'ms')],
    ['USB controller', health.controller],
    ['USB', health.usbState],
    ['Client takes', format && `${format.width}x${format.height}, ${format.fps} fps`],
    ['Real rate', number(health.fps, 'fps', 1, 1)],
    ['Sound gaps', health.xruns === undefined ? undefined : String(health.xruns)],
    ...Object.entries(services),
  ];
  return [...table(rows), ...warnings.map((warning) => `! ${warning}`)].join('\n');
}

function table(rows: readonly (readonly [string, string | undefined])[]): string[] {
  const known = rows.flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
  const width = Math.max(...known.map(({ name }) => name.length));
  return known.map(({ name, value }) => `  ${name.padEnd(width)}  ${value}`);
}
