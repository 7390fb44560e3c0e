import { DEPENDENCIES } from '../package-shelf.ts';
import { sh } from '../ssh/index.ts';

/** What one look at a Pi tells. Texts are empty where nothing is known. */
export interface Facts {
  /** `Raspberry Pi 4 Model B Rev 1.5`; empty on machines without a device tree. */
  readonly board: string;
  /** As `uname -m` and as dpkg say: they differ where a 32-bit system runs on a 64-bit kernel. */
  readonly machine: string;
  readonly architecture: string;
  readonly os: string;
  readonly osId: string;
  readonly osVersion: number;
  readonly kernel: string;
  readonly systemd: boolean;
  readonly bootId: string;
  /** The Pi's clock, milliseconds since 1970. */
  readonly timeMs: number;
  readonly sudo: 'root' | 'free' | 'password' | 'none';
  /** `ro`: read-only; `overlay`: changes are lost with the next restart. */
  readonly root: 'rw' | 'ro' | 'overlay';
  readonly freeBytes: number;
  /** The box's address as the Pi sees it. */
  readonly boxAddress: string;
  /** Packages that have to be installed first. */
  readonly missing: readonly string[];
  /** Version of the gadget's package; empty when it is not installed. */
  readonly installed: string;
  /** SHA-256 of the package file that was installed by a box. */
  readonly packageSha256: string;
  readonly previous: string;
  /** SHA-256 of configuration and cookie as they are; empty when they cannot be looked at. */
  readonly confSha256: string;
  readonly cookieSha256: string;
  /** What was put into effect last, see `applied`. */
  readonly applied: string;
  readonly controller: string;
  readonly configTxt: string;
  /** By unit name without `crosspoint-`: `active`, `inactive` … and whether it starts with the Pi. */
  readonly services: Readonly<Record<string, { readonly active: string; readonly enabled: boolean }>>;
}

export const SERVICES = ['gadget', 'uvc', 'video', 'audio'] as const;
export const CONF = '/etc/crosspoint/gadget.conf';
export const COOKIE = '/etc/crosspoint/pulse-cookie';
/** What the box keeps on the Pi: the package, the one before it, and what was put into effect. */
export const KEEP = '/var/lib/crosspoint';

const dependency = (alternatives: readonly string[]): string => {
  const found = alternatives.map((name) => sh`is_there ${name}`).join(' || ');
  return `${found} || missing="$missing ${alternatives.join('|')}"`;
};

/** Prints lines `name=value`. Needs no root; with it, it sees more. */
export const SURVEY = `
put() { printf '%s=%s\\n' "$1" "$(printf %s "$2" | tr -d '\\000' | tr '\\n' ' ')"; }
is_there() { [ "$(dpkg-query -W -f '\${db:Status-Status}' "$1" 2> /dev/null)" = installed ]; }
first_line() { [ ! -r "$1" ] || head -n 1 "$1"; }
put board "$(tr -d '\\000' < /proc/device-tree/model 2> /dev/null)"
put machine "$(uname -m)"
put architecture "$(dpkg --print-architecture 2> /dev/null)"
put os "$(. /etc/os-release 2> /dev/null && printf %s "$PRETTY_NAME")"
put osId "$(. /etc/os-release 2> /dev/null && printf %s "$ID")"
put osVersion "$(. /etc/os-release 2> /dev/null && printf %s "$VERSION_ID")"
put kernel "$(uname -r)"
put systemd "$([ -d /run/systemd/system ] && echo yes)"
put bootId "$(first_line /proc/sys/kernel/random/boot_id)"
sudo=none
if [ "$(id -u)" = 0 ]; then sudo=root
elif sudo -n true 2> /dev/null; then sudo=free
elif command -v sudo > /dev/null; then sudo=password
fi
put sudo "$sudo"
as_root() { case $sudo in root) "$@" ;; free) sudo -n "$@" ;; *) return 1 ;; esac; }
put root "$(awk '$2 == "/" { kind = $3; split($4, o, ","); mode = o[1] } END { print kind == "overlay" ? "overlay" : mode }' /proc/mounts 2> /dev/null)"
put freeBytes "$(df -Pk / 2> /dev/null | awk 'NR == 2 { printf "%.0f", $4 * 1024 }')"
put boxAddress "\${SSH_CONNECTION%% *}"
missing=
${DEPENDENCIES.map(dependency).join('\n')}
put missing "\${missing# }"
put installed "$(is_there crosspoint-gadget && dpkg-query -W -f '\${Version}' crosspoint-gadget)"
put packageSha256 "$(first_line ${KEEP}/current.sha256)"
put previous "$(first_line ${KEEP}/previous.version)"
put applied "$(first_line ${KEEP}/applied)"
sums=$(as_root sha256sum ${CONF} ${COOKIE} 2> /dev/null)
put confSha256 "$(printf '%s\\n' "$sums" | awk '$2 == "${CONF}" { print $1 }')"
put cookieSha256 "$(printf '%s\\n' "$sums" | awk '$2 == "${COOKIE}" { print $1 }')"
put controller "$(ls /sys/class/udc 2> /dev/null | head -n 1)"
for f in /boot/firmware/config.txt /boot/config.txt; do
  if [ -e "$f" ]; then put configTxt "$f"; break; fi
done
for s in ${SERVICES.join(' ')}; do
  put "service.$s" "$(systemctl is-active "crosspoint-$s.service" 2> /dev/null) $(systemctl is-enabled "crosspoint-$s.service" 2> /dev/null)"
done
put time "$(date +%s%3N)"
`;

export function parseFacts(output: string): Facts {
  const values = new Map(
    output.split('\n').flatMap((line): [string, string][] => {
      const at = line.indexOf('=');
      return at > 0 ? [[line.slice(0, at), line.slice(at + 1).trim()]] : [];
    }),
  );
  const text = (name: string): string => values.get(name) ?? '';
  const one = <T extends string>(name: string, known: readonly T[], otherwise: T): T =>
    known.find((value) => value === text(name)) ?? otherwise;
  return {
    board: text('board'),
    machine: text('machine'),
    architecture: text('architecture'),
    os: text('os'),
    osId: text('osId'),
    osVersion: Number(text('osVersion')) || 0,
    kernel: text('kernel'),
    systemd: text('systemd') === 'yes',
    bootId: text('bootId'),
    timeMs: Number(text('time')) || 0,
    sudo: one('sudo', ['root', 'free', 'password', 'none'], 'none'),
    root: one('root', ['rw', 'ro', 'overlay'], 'rw'),
    freeBytes: Number(text('freeBytes')) || 0,
    // An IPv4 address that came by IPv6 is written as such.
    boxAddress: text('boxAddress').replace(/^::ffff:(?=\d+\.)/i, ''),
    missing: text('missing').split(' ').filter(Boolean),
    installed: text('installed'),
    packageSha256: text('packageSha256'),
    previous: text('previous'),
    confSha256: text('confSha256'),
    cookieSha256: text('cookieSha256'),
    applied: text('applied'),
    controller: text('controller'),
    configTxt: text('configTxt'),
    services: Object.fromEntries(
      SERVICES.map((name) => {
        const [active = '', enabled = ''] = text(`service.${name}`).split(' ');
        return [name, { active: active || 'missing', enabled: enabled === 'enabled' }];
      }),
    ),
  };
}
