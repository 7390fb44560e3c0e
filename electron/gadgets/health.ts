import { type GadgetHealth } from '../contract/index.ts';
import { type GadgetLinks } from './plane.ts';
import {
  freeBytesIn,
  KEEP,
  SERVICES,
  servicesIn,
  SHELL_HELPERS,
  SHOW_SERVICES,
} from './provisioning/survey.ts';

/**
 * Prints lines `name=value`. Takes no root, writes nothing, and leaves no line in the Pi's log: it is run every half
 * minute on a connection that stays.
 */
export const HEALTH = `${SHELL_HELPERS}
put time "$(date +%s%3N)"
put board "$(tr -d '\\000' < /proc/device-tree/model 2> /dev/null)"
put uname "$(uname -mr)"
put architecture "$(dpkg --print-architecture 2> /dev/null)"
system
line_of /proc/uptime
put uptime "\${line%% *}"
line_of /sys/class/thermal/thermal_zone0/temp
put temperature "$line"
line_of /sys/devices/platform/soc/soc:firmware/get_throttled
[ -n "$line" ] || ! command -v vcgencmd > /dev/null || line=$(vcgencmd get_throttled 2> /dev/null)
put throttled "\${line#*=}"
for a in /sys/class/hwmon/hwmon*; do
  line_of "$a/name"
  if [ "$line" = rpi_volt ]; then line_of "$a/in0_lcrit_alarm"; put lowVoltage "$line"; fi
done
put free "$(df -Pk / 2> /dev/null)"
root=
root_mount
put root "$root"
line_of ${KEEP}/previous.version
put previous "$line"
first_controller
put controller "$udc"
line_of "/sys/class/udc/$udc/state"
put usb "$line"
dpkg-query -W -f 'package=\${db:Status-Status} \${Package} \${Version}\\n' crosspoint-gadget 2> /dev/null
${SHOW_SERVICES} 2> /dev/null
`;

/** Bits of the firmware's answer: https://www.raspberrypi.com/documentation/computers/os.html#get_throttled */
const LOW_NOW = 0x1;
const SLOW_NOW = 0x2 | 0x4 | 0x8;
const LOW_WAS = 0x10000;
const SLOW_WAS = 0x20000 | 0x40000 | 0x80000;

const HOT_C = 80;
const LITTLE_ROOM_BYTES = 50 * 1024 * 1024;
const CLOCK_OFF_MS = 60_000;

export interface HealthReport {
  readonly health: GadgetHealth;
  readonly previous: string | undefined;
}

/**
 * What the Pi says about itself, with what the other planes see of it.
 * @param midwayMs the box's clock at the time when the Pi looked at its own
 */
export function parseHealth(output: string, midwayMs: number, links: GadgetLinks): HealthReport {
  const values = new Map(
    output.split('\n').flatMap((line): [string, string][] => {
      const at = line.indexOf('=');
      const value = line.slice(at + 1).trim();
      return at > 0 && value !== '' ? [[line.slice(0, at), value]] : [];
    }),
  );
  const text = (name: string): string | undefined => values.get(name);
  const number = (name: string): number | undefined => {
    const value = Number(values.get(name));
    return values.has(name) && Number.isFinite(value) ? value : undefined;
  };
  const bits = number('throttled');
  const state = (now: number, was: number): 'no' | 'was' | 'now' | undefined =>
    bits === undefined ? undefined : bits & now ? 'now' : bits & was ? 'was' : 'no';
  const alarm = text('lowVoltage');
  const temperature = number('temperature');
  const time = number('time');
  const usbState = text('usb');
  const { format, stats = {} } = links;
  const xruns = ['micXruns', 'speakerXruns'].flatMap((name) => stats[name] ?? []);
  const states = servicesIn(output);
  const free = freeBytesIn(output);
  const services = Object.fromEntries(
    SERVICES.map((name) => [`crosspoint-${name}`, states[name]?.active ?? 'unknown']),
  );

  const known = {
    board: text('board'),
    os: text('os'),
    kernel: text('uname')?.split(' ')[0],
    architecture: text('architecture'),
    version: /^package=installed \S+ (\S+)$/m.exec(output)?.[1],
    uptimeS: number('uptime'),
    temperatureC: temperature === undefined ? undefined : Math.round(temperature / 100) / 10,
    underVoltage: state(LOW_NOW, LOW_WAS) ?? (alarm === undefined ? undefined : alarm === '1' ? 'now' : 'no'),
    throttled: state(SLOW_NOW, SLOW_WAS),
    diskFreeBytes: free === 0 ? undefined : free,
    clockOffsetMs: time === undefined ? undefined : Math.round(time - midwayMs),
    controller: text('controller'),
    usbState,
    hostConfigured: usbState === undefined ? undefined : usbState === 'configured',
    format,
    fps: stats.fps === undefined ? undefined : Math.round(stats.fps * 10) / 10,
    xruns: xruns.length === 0 ? undefined : xruns.reduce((sum, count) => sum + count, 0),
  } as const;
  const health: GadgetHealth = {
    at: Math.round(midwayMs),
    ...(Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined)) as object),
    services,
    warnings: [],
  };
  return {
    health: { ...health, warnings: warningsOf(health, text('root')) },
    previous: text('previous'),
  };
}

function warningsOf(health: GadgetHealth, root: string | undefined): string[] {
  const { temperatureC = 0, diskFreeBytes, clockOffsetMs = 0, controller, services, version } = health;
  const down = Object.entries(services).filter(([, state]) => state !== 'active');
  return [
    health.underVoltage === 'now' &&
      'Its power supply is too weak: use one of 5.1 V and 3 A, or a shorter cable.',
    health.underVoltage === 'was' && 'Its power supply was too weak at some time since its start.',
    health.throttled === 'now' && 'It is slowed down by heat or by a weak power supply.',
    temperatureC >= HOT_C && `It is hot: ${temperatureC} °C. Give it air or a heat sink.`,
    diskFreeBytes !== undefined &&
      diskFreeBytes < LITTLE_ROOM_BYTES &&
      `Its card is nearly full: ${Math.floor(diskFreeBytes / 1024 / 1024)} MB are left.`,
    root === 'ro' && 'Its file system is read-only: the card may be worn out.',
    Math.abs(clockOffsetMs) > CLOCK_OFF_MS &&
      `Its clock is ${Math.round(Math.abs(clockOffsetMs) / 1000)} s ${clockOffsetMs < 0 ? 'behind' : 'ahead'}.`,
    controller === undefined && 'Its kernel has no USB device controller: set it up again.',
    version === undefined && "The gadget's programs are not installed: set it up again.",
    version !== undefined &&
      down.length > 0 &&
      `Not running: ${down.map(([name, state]) => `${name} (${state})`).join(', ')}.`,
  ].filter((warning) => warning !== false);
}
