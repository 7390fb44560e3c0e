import { CrosspointError } from '../../contract/index.ts';
import { withPeripheralMode } from '../provisioning/config-txt.ts';
import { quote, sh } from '../ssh/index.ts';
import { ANNOUNCEMENT, ANNOUNCEMENT_FILE } from './announcement.ts';

export interface CardSettings {
  /** Raspberry Pi OS: Trixie takes cloud-init's files, Bookworm a script for its first start. */
  readonly os: 'trixie' | 'bookworm';
  readonly hostname: string;
  readonly user: string;
  /** Lines for authorized_keys: the box's, and perhaps a person's. */
  readonly publicKeys: readonly string[];
  readonly wifi?: { readonly ssid: string; readonly password: string; readonly country: string };
  /** Tells one card from another, so that the set-up is done once on each. */
  readonly instance: string;
}

/** Texts of the boot partition, by file name; undefined: not there. */
export type BootFiles = Readonly<Record<'config.txt' | 'cmdline.txt', string | undefined>>;

/** Groups of the first user of Raspberry Pi OS that matter here. */
const GROUPS = ['adm', 'sudo', 'video', 'audio', 'netdev'];

function check({ hostname, user, publicKeys, wifi }: CardSettings): void {
  const refuse = (path: string, message: string): never => {
    throw new CrosspointError('bad-request', message, { path });
  };
  if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(hostname))
    refuse('hostname', 'A host name has lower-case letters, digits and dashes.');
  if (!/^[a-z_][a-z0-9_-]{0,31}$/.test(user) || user === 'root')
    refuse('user', 'A user name has lower-case letters, digits, _ and -, and is not root.');
  if (publicKeys.some((key) => !/^[\x20-\x7e]+$/.test(key)))
    refuse('key', 'A public key is one line of ASCII.');
  if (!wifi) return;
  const bytes = Buffer.byteLength(wifi.ssid);
  if (bytes < 1 || bytes > 32) refuse('wifi', 'The name of a Wi-Fi has 1 to 32 bytes.');
  if (!/^[\x20-\x7e]{8,63}$/.test(wifi.password))
    refuse('wifi', 'The password of a Wi-Fi has 8 to 63 ASCII characters.');
  if (!/^[A-Z]{2}$/.test(wifi.country)) refuse('country', 'A country has two letters, such as DE.');
}

/**
 * What makes a freshly flashed card a gadget that a box finds by itself: the files to write to its boot partition. Pure.
 * @throws CrosspointError `bad-request`
 */
export function cardFiles(settings: CardSettings, boot: BootFiles): Readonly<Record<string, string>> {
  check(settings);
  const config = boot['config.txt'];
  return {
    ...(settings.os === 'trixie' ? cloudInit(settings) : firstRun(settings, boot['cmdline.txt'])),
    ...(config === undefined ? {} : { 'config.txt': withPeripheralMode(config, 'Raspberry Pi 4') }),
  };
}

/** JSON is YAML; what YAML does not print is escaped. */
const yaml = (value: unknown): string =>
  JSON.stringify(value, null, 2).replace(
    /[\u007f-\u00a0\u2028\u2029\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** Where Trixie has no config.txt to be read here, and in any case: the Pi itself looks after the line. */
const OVERLAY_SCRIPT = `f=/boot/firmware/config.txt
grep -q '^dtoverlay=dwc2,dr_mode=peripheral' "$f" || printf '\\n[all]\\ndtoverlay=dwc2,dr_mode=peripheral\\n' >> "$f"`;

/** https://cloudinit.readthedocs.io/en/latest/reference/datasources/nocloud.html */
function cloudInit({ hostname, user, publicKeys, wifi, instance }: CardSettings): Record<string, string> {
  const userData = {
    hostname,
    manage_etc_hosts: true,
    users: [
      {
        name: user,
        gecos: 'Crosspoint',
        groups: GROUPS.join(','),
        shell: '/bin/bash',
        lock_passwd: true,
        sudo: 'ALL=(ALL) NOPASSWD:ALL',
        ssh_authorized_keys: publicKeys,
      },
    ],
    ssh_pwauth: false,
    write_files: [{ path: ANNOUNCEMENT_FILE, permissions: '0644', content: ANNOUNCEMENT }],
    runcmd: [
      ['sh', '-c', OVERLAY_SCRIPT],
      ['systemctl', 'enable', '--now', 'ssh'],
      ['systemctl', 'try-restart', 'avahi-daemon'],
      ...(wifi ? [['rfkill', 'unblock', 'wifi']] : []),
    ],
  };
  const network = {
    network: {
      version: 2,
      ethernets: { eth0: { dhcp4: true, optional: true } },
      ...(wifi
        ? {
            wifis: {
              wlan0: {
                dhcp4: true,
                optional: true,
                'regulatory-domain': wifi.country,
                'access-points': { [wifi.ssid]: { password: wifi.password } },
              },
            },
          }
        : {}),
    },
  };
  return {
    'user-data': `#cloud-config\n${yaml(userData)}\n`,
    'network-config': `${yaml(network)}\n`,
    'meta-data': `${yaml({ 'instance-id': instance, 'local-hostname': hostname })}\n`,
  };
}

/** Starts a script of the boot partition once, before anything else; what Raspberry Pi OS Bookworm is set up with. */
const START_SCRIPT =
  'systemd.run=/boot/firmware/firstrun.sh systemd.run_success_action=reboot systemd.unit=kernel-command-line.target';

function firstRun(settings: CardSettings, cmdline: string | undefined): Record<string, string> {
  const line = cmdline?.trim();
  return {
    'firstrun.sh': firstRunScript(settings),
    ...(line === undefined || line.includes('systemd.run=')
      ? {}
      : { 'cmdline.txt': `${line} ${START_SCRIPT}\n` }),
  };
}

function firstRunScript({ hostname, user, publicKeys, wifi }: CardSettings): string {
  const put = (path: string, mode: string, content: string): string =>
    sh`install -D -m ${mode} /dev/null ${path} && printf %s ${content} > ${path}`;
  const connection = wifi && [
    sh`raspi-config nonint do_wifi_country ${wifi.country}`,
    put(
      '/etc/NetworkManager/system-connections/crosspoint.nmconnection',
      '600',
      `[connection]\nid=crosspoint\ntype=wifi\n\n[wifi]\nmode=infrastructure\nssid=${[...Buffer.from(wifi.ssid)].map((byte) => `${byte};`).join('')}\n\n[wifi-security]\nkey-mgmt=wpa-psk\npsk=${keyFileText(wifi.password)}\n\n[ipv4]\nmethod=auto\n\n[ipv6]\nmethod=auto\n`,
    ),
    'rfkill unblock wifi',
  ];
  return `#!/bin/sh
# Run once, at the first start of a freshly flashed card: makes it a gadget that a Crosspoint box finds.
set +e
host=${quote(hostname)}
user=${quote(user)}
echo "$host" > /etc/hostname
sed -i "s/127\\.0\\.1\\.1.*/127.0.1.1\\t$host/" /etc/hosts
first=$(getent passwd 1000 | cut -d: -f1)
if [ -n "$first" ] && [ "$first" != "$user" ]; then
  usermod -l "$user" -m -d "/home/$user" "$first" && groupmod -n "$user" "$first"
elif [ -z "$first" ]; then
  useradd -m -u 1000 -s /bin/bash "$user"
fi
passwd -l "$user"
for group in ${GROUPS.join(' ')}; do adduser "$user" "$group"; done
${sh`printf '%s ALL=(ALL) NOPASSWD: ALL\n' ${user} > /etc/sudoers.d/010_crosspoint`}
chmod 440 /etc/sudoers.d/010_crosspoint
rm -f /etc/systemd/system/getty@tty1.service.d/autologin.conf /etc/xdg/autostart/piwiz.desktop
systemctl disable userconfig
install -d -m 700 -o "$user" -g "$user" "/home/$user/.ssh"
${sh`printf %s ${publicKeys.map((key) => `${key}\n`).join('')}`} > "/home/$user/.ssh/authorized_keys"
chown "$user:$user" "/home/$user/.ssh/authorized_keys"
chmod 600 "/home/$user/.ssh/authorized_keys"
systemctl enable ssh
${put(ANNOUNCEMENT_FILE, '644', ANNOUNCEMENT)}
${OVERLAY_SCRIPT}
${connection ? connection.join('\n') : ''}
rm -f /boot/firmware/firstrun.sh
sed -i 's| systemd\\.[^ ]*||g' /boot/firmware/cmdline.txt
exit 0
`;
}

/** A value of a key file (GLib): what begins or ends with a space, and backslashes, are escaped. */
const keyFileText = (text: string): string =>
  text
    .replace(/\\/g, '\\\\')
    .replace(/^ +/, (spaces) => '\\s'.repeat(spaces.length))
    .replace(/ +$/, (spaces) => '\\s'.repeat(spaces.length));
