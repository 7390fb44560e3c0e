import { unmapped } from '../../base/unmapped.ts';
import { DEPENDENCIES } from '../package-shelf.ts';

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
  /** It is in the network by Wi-Fi, and by no cable. */
  readonly wireless: boolean;
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

/** Shell functions without a process of their own: a Pi is slow to start one. */
export const SHELL_HELPERS = `
put() { printf '%s=%s\\n' "$1" "$2"; }
line_of() { line=; [ ! -r "$1" ] || IFS= read -r line < "$1" || :; }
root_mount() {
  while read -r device place kind options rest; do
    if [ "$place" = / ]; then root=\${options%%,*}; [ "$kind" != overlay ] || root=overlay; fi
  done < /proc/mounts
}
system() {
  PRETTY_NAME= ID= VERSION_ID=
  [ ! -r /etc/os-release ] || . /etc/os-release
  put os "$PRETTY_NAME"
  put osId "$ID"
  put osVersion "$VERSION_ID"
}
# The kernel prefers the cable when there are both.
network() {
  network=
  for card in /sys/class/net/*; do
    [ -e "$card/device" ] || continue
    line_of "$card/operstate"
    [ "$line" = up ] || continue
    if [ ! -d "$card/wireless" ]; then network=cable; break; fi
    network=wifi
  done
}
first_controller() { for udc in /sys/class/udc/*; do [ ! -e "$udc" ] || break; done; udc=\${udc##*/}; [ "$udc" != '*' ] || udc=; }
`;

/** States of the gadget's services, as blocks of lines `Name=value`. */
export const SHOW_SERVICES = `systemctl show -p Id -p ActiveState -p UnitFileState ${SERVICES.map((name) => `crosspoint-${name}.service`).join(' ')}`;

/** Prints lines `name=value`. Needs no root; with it, it sees more. */
export const SURVEY = `${SHELL_HELPERS}
put time "$(date +%s%3N)"
put board "$(tr -d '\\000' < /proc/device-tree/model 2> /dev/null)"
put uname "$(uname -mr)"
put architecture "$(dpkg --print-architecture 2> /dev/null)"
system
put systemd "$([ -d /run/systemd/system ] && echo yes)"
line_of /proc/sys/kernel/random/boot_id
put bootId "$line"
sudo=none
if [ "$(id -u)" = 0 ]; then sudo=root
elif sudo -n true 2> /dev/null; then sudo=free
elif command -v sudo > /dev/null; then sudo=password
fi
put sudo "$sudo"
root=
root_mount
put root "$root"
put free "$(df -Pk / 2> /dev/null)"
put boxAddress "\${SSH_CONNECTION%% *}"
network
put network "$network"
line_of ${KEEP}/current.sha256
put packageSha256 "$line"
line_of ${KEEP}/previous.version
put previous "$line"
line_of ${KEEP}/applied
put applied "$line"
first_controller
put controller "$udc"
for f in /boot/firmware/config.txt /boot/config.txt; do
  if [ -e "$f" ]; then put configTxt "$f"; break; fi
done
dpkg-query -W -f 'package=\${db:Status-Status} \${Package} \${Version}\\n' crosspoint-gadget ${DEPENDENCIES.flat().join(' ')} 2> /dev/null
case $sudo in
  root) sha256sum ${CONF} ${COOKIE} 2> /dev/null ;;
  free) sudo -n sha256sum ${CONF} ${COOKIE} 2> /dev/null ;;
esac
${SHOW_SERVICES} 2> /dev/null
`;

/** Free bytes in the last line of `df -Pk`. */
export const freeBytesIn = (df: string): number =>
  (Number(/\s(\d+)\s+\d+%\s+\/$/m.exec(df)?.[1]) || 0) * 1024;

/** What `SHOW_SERVICES` says, by unit name without `crosspoint-`. */
export function servicesIn(output: string): Facts['services'] {
  const blocks = output.split(/\n(?=Id=)/).map((block) => ({
    id: /^Id=crosspoint-(\w+)\.service$/m.exec(block)?.[1],
    active: /^ActiveState=(\S+)$/m.exec(block)?.[1] ?? 'unknown',
    enabled: /^UnitFileState=enabled$/m.test(block),
  }));
  return Object.fromEntries(
    SERVICES.map((name) => {
      const { active = 'unknown', enabled = false } = blocks.find(({ id }) => id === name) ?? {};
      return [name, { active, enabled }];
    }),
  );
}

export function parseFacts(output: string): Facts {
  const lines = output.split('\n');
  const values = new Map(
    lines.flatMap((line): [string, string][] => {
      const at = line.indexOf('=');
      return at > 0 ? [[line.slice(0, at), line.slice(at + 1).trim()]] : [];
    }),
  );
  const text = (name: string): string => values.get(name) ?? '';
  const one = <T extends string>(name: string, known: readonly T[], otherwise: T): T =>
    known.find((value) => value === text(name)) ?? otherwise;
  const sum = (file: string): string =>
    lines.map((line) => /^([0-9a-f]{64}) {2}(.*)$/.exec(line)).find((match) => match?.[2] === file)?.[1] ??
    '';
  const packages = new Map(
    lines.flatMap((line): [string, string][] => {
      const match = /^package=installed (\S+) (\S+)$/.exec(line);
      return match?.[1] !== undefined && match[2] !== undefined ? [[match[1], match[2]]] : [];
    }),
  );
  const [kernel = '', machine = ''] = text('uname').split(' ');
  return {
    board: text('board'),
    machine,
    architecture: text('architecture'),
    os: text('os'),
    osId: text('osId'),
    osVersion: Number(text('osVersion')) || 0,
    kernel,
    systemd: text('systemd') === 'yes',
    bootId: text('bootId'),
    timeMs: Number(text('time')) || 0,
    sudo: one('sudo', ['root', 'free', 'password', 'none'], 'none'),
    root: one('root', ['rw', 'ro', 'overlay'], 'rw'),
    freeBytes: freeBytesIn(output),
    boxAddress: unmapped(text('boxAddress')),
    wireless: text('network') === 'wifi',
    missing: DEPENDENCIES.filter((alternatives) => !alternatives.some((name) => packages.has(name))).map(
      (alternatives) => alternatives.join('|'),
    ),
    installed: packages.get('crosspoint-gadget') ?? '',
    packageSha256: text('packageSha256'),
    previous: text('previous'),
    confSha256: sum(CONF),
    cookieSha256: sum(COOKIE),
    applied: text('applied'),
    controller: text('controller'),
    configTxt: text('configTxt'),
    services: servicesIn(output),
  };
}
