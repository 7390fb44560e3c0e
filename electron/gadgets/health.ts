import { type GadgetHealth } from '../contract/index.ts';
import { type GadgetLinks } from './plane.ts';
import { SERVICES } from './provisioning/survey.ts';

/**
 * Prints lines `name=value`. Takes no root, writes nothing, and leaves no line in the Pi's log: it is run every half
 * minute on a connection that stays.
 */
export const HEALTH = `
put() { printf '%s=%s\\n' "$1" "$(printf %s "$2" | tr -d '\\000' | tr '\\n' ' ')"; }
put time "$(date +%s%3N)"
put board "$(tr -d '\\000' < /proc/device-tree/model 2> /dev/null)"
put os "$(. /etc/os-release 2> /dev/null && printf %s "$PRETTY_NAME")"
put kernel "$(uname -r)"
put architecture "$(dpkg --print-architecture 2> /dev/null)"
put version "$(dpkg-query -W -f '\${Version}' crosspoint-gadget 2> /dev/null)"
put previous "$(cat /var/lib/crosspoint/previous.version 2> /dev/null)"
put uptime "$(cut -d ' ' -f 1 /proc/uptime 2> /dev/null)"
put temperature "$(cat /sys/class/thermal/thermal_zone0/temp 2> /dev/null)"
throttled=$(cat /sys/devices/platform/soc/soc:firmware/get_throttled 2> /dev/null) ||
  throttled=$(vcgencmd get_throttled 2> /dev/null)
put throttled "\${throttled#*=}"
for a in /sys/class/hwmon/hwmon*; do
  if [ "$(cat "$a/name" 2> /dev/null)" = rpi_volt ]; then put lowVoltage "$(cat "$a/in0_lcrit_alarm" 2> /dev/null)"; fi
done
put free "$(df -Pk / 2> /dev/null | awk 'NR == 2 { printf "%.0f", $4 * 1024 }')"
put root "$(awk '$2 == "/" { split($4, o, ","); mode = o[1] } END { print mode }' /proc/mounts 2> /dev/null)"
udc=$(ls /sys/class/udc 2> /dev/null | head -n 1)
put controller "$udc"
put usb "$(cat "/sys/class/udc/$udc/state" 2> /dev/null)"
for s in ${SERVICES.join(' ')}; do
  put "service.$s" "$(systemctl is-active "crosspoint-$s.service" 2> /dev/null)"
done
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
  const services = Object.fromEntries(
    SERVICES.map((name) => [`crosspoint-${name}`, text(`service.${name}`) ?? 'unknown']),
  );

  const known = {
    board: text('board'),
    os: text('os'),
    kernel: text('kernel'),
    architecture: text('architecture'),
    version: text('version'),
    uptimeS: number('uptime'),
    temperatureC: temperature === undefined ? undefined : Math.round(temperature / 100) / 10,
    underVoltage: state(LOW_NOW, LOW_WAS) ?? (alarm === undefined ? undefined : alarm === '1' ? 'now' : 'no'),
    throttled: state(SLOW_NOW, SLOW_WAS),
    diskFreeBytes: number('free'),
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
