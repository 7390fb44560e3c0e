import { createHash } from 'node:crypto';
import { delay } from '../../../base/time.ts';
import { CrosspointError } from '../../../contract/index.ts';
import { AUDIO_TARGET_MS, formatGadgetConf } from '../../gadget-conf.ts';
import { lastLine, sh } from '../../ssh/index.ts';
import { hasPeripheralMode, withoutPeripheralMode, withPeripheralMode } from '../config-txt.ts';
import { CONF, COOKIE, type Facts, KEEP, SERVICES } from '../survey.ts';
import { type Step, type StepContext } from '../step.ts';

const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');

interface Settings {
  readonly conf: string;
  readonly cookie: Uint8Array | null;
  readonly boxAddress: string;
  /** Stands for both, in a file that everybody may read. */
  readonly stamp: string;
}

function settingsFor({ gadget, box }: StepContext, { boxAddress, wireless }: Facts): Settings {
  if (boxAddress === '')
    throw new CrosspointError('unavailable', "The Pi does not tell this box's address.", {
      hint: 'Its SSH server must set SSH_CONNECTION, as OpenSSH does.',
    });
  if (/^fe80:/i.test(boxAddress))
    throw new CrosspointError(
      'unavailable',
      `The Pi sees this box at ${boxAddress} only, which it cannot use.`,
      {
        hint: "Give both an address by DHCP, or use the Pi's IPv4 address as its host.",
      },
    );
  const conf = formatGadgetConf({
    id: gadget.id,
    label: gadget.label,
    token: gadget.token,
    rtmp: { host: boxAddress, port: box.rtmp.port },
    ...(box.sound ? { sound: { host: boxAddress, port: box.sound.port } } : {}),
    maxFrameBytes: gadget.maxFrameBytes,
    audioTargetMs: AUDIO_TARGET_MS[wireless ? 'wireless' : 'cable'],
  });
  const cookie = box.sound?.cookie ?? null;
  return { conf, cookie, boxAddress, stamp: sha256(`${sha256(conf)} ${cookie ? sha256(cookie) : ''}`) };
}

/** Only root may read the files; who cannot be root goes by what was put into effect last. */
function isAsWanted(facts: Facts, { conf, cookie, stamp }: Settings): boolean {
  if (facts.applied !== stamp) return false;
  if (facts.sudo === 'password' || facts.sudo === 'none') return true;
  return facts.confSha256 === sha256(conf) && (!cookie || facts.cookieSha256 === sha256(cookie));
}

const writeScript = (path: string): string =>
  sh`f=${path}` +
  `
  set -e; umask 077
  install -d -m 750 -o root -g crosspoint /etc/crosspoint
  trap 'rm -f "$f.new"' EXIT
  cat > "$f.new"
  chown root:crosspoint "$f.new"
  chmod 640 "$f.new"
  mv -f "$f.new" "$f"`;

export const configuration: Step = {
  id: 'configuration',
  title: 'Tell it what it shall be',
  async check(context) {
    const facts = await context.pi.facts();
    const settings = settingsFor(context, facts);
    return isAsWanted(facts, settings)
      ? { done: true, detail: `It is ${context.gadget.label}, and finds this box at ${settings.boxAddress}.` }
      : { done: false, detail: 'Its configuration is another one.' };
  },
  async run(context, report) {
    const { pi, gadget, box } = context;
    const settings = settingsFor(context, await pi.facts());
    report('Writing the configuration.');
    await pi.must(writeScript(CONF), 'The configuration cannot be written', { stdin: settings.conf });
    if (settings.cookie)
      await pi.must(writeScript(COOKIE), 'The key of the sound server cannot be written', {
        stdin: settings.cookie,
      });
    report('Putting it into effect.');
    // The note comes last: what breaks off before is done again.
    await pi.must(
      `systemctl reload-or-restart --no-block crosspoint-gadget.service
      systemctl restart --no-block crosspoint-video.service crosspoint-audio.service
      mkdir -p ${KEEP} && ` +
        sh`printf '%s\n' ${settings.stamp} > ${`${KEEP}/applied`}` +
        ` && sync`,
      'The configuration cannot be put into effect',
    );
    await pi.look();
    const sound = box.sound ? '' : ' Pictures only: this box does not let gadgets reach its sound server.';
    return `It is ${gadget.label} now, and finds this box at ${settings.boxAddress}.${sound}`;
  },
};

export const usbMode: Step = {
  id: 'usb',
  title: 'Make the USB port a device',
  async check({ pi }) {
    const { controller, configTxt } = await pi.facts();
    if (controller !== '')
      return { done: true, detail: `The kernel has a USB device controller (${controller}).` };
    if (configTxt === '')
      throw new CrosspointError('unavailable', 'The kernel has no USB device controller.', {
        hint: "There is no config.txt either: is it a Raspberry Pi with Raspberry Pi OS? It takes 'dtoverlay=dwc2,dr_mode=peripheral'.",
      });
    return { done: false, detail: 'The USB-C port is not a device yet.' };
  },
  async run({ pi }, report) {
    const { configTxt, board } = await pi.facts();
    const { code, stdout, stderr } = await pi.user(sh`cat ${configTxt}`);
    if (code !== 0)
      throw new CrosspointError('unavailable', `${configTxt} cannot be read: ${lastLine(stderr)}`);
    const wanted = withPeripheralMode(stdout, board);
    const changed = wanted !== stdout;
    if (changed) {
      report(`Writing ${configTxt}.`);
      await pi.must(
        sh`f=${configTxt}` +
          `\nset -e; cat > "$f.new"; cp -p "$f" "$f.crosspoint"; mv -f "$f.new" "$f"; sync`,
        `${configTxt} cannot be written`,
        { stdin: wanted, hint: 'Is the boot partition read-only or full?' },
      );
    }
    await pi.restart(report);
    const facts = await pi.look();
    if (facts.controller === '')
      throw new CrosspointError(
        'unavailable',
        'The kernel has no USB device controller, also after a restart.',
        {
          hint: `Look at ${configTxt} for another line with dwc2 or otg_mode, and update the Pi: sudo apt full-upgrade.`,
        },
      );
    return changed
      ? `Set in ${configTxt}; the Pi was restarted.`
      : 'It was set in config.txt; the Pi was restarted to put it into effect.';
  },
};

export const usbModeBack: Step = {
  id: 'usb',
  title: 'Give the USB port back',
  async check({ pi }) {
    const { configTxt, board } = await pi.facts();
    if (configTxt === '') return { done: true, detail: 'Nothing was changed there.' };
    const { stdout } = await pi.user(sh`cat ${configTxt}`);
    return withoutPeripheralMode(stdout) === stdout
      ? {
          done: true,
          detail: hasPeripheralMode(stdout, board)
            ? 'It is a device by a line that is not ours.'
            : 'Nothing was changed there.',
        }
      : { done: false, detail: `Our line is in ${configTxt}.` };
  },
  async run({ pi }) {
    const { configTxt } = await pi.facts();
    const { stdout } = await pi.user(sh`cat ${configTxt}`);
    await pi.must(
      sh`f=${configTxt}` + `\nset -e; cat > "$f.new"; mv -f "$f.new" "$f"; rm -f "$f.crosspoint"; sync`,
      `${configTxt} cannot be written`,
      { stdin: withoutPeripheralMode(stdout) },
    );
    return `Our line is taken out of ${configTxt}; it counts from the next restart.`;
  },
};

const START_MS = 20_000;

function missingServices({ services }: Facts): string[] {
  return SERVICES.filter((name) => services[name]?.active !== 'active' || !services[name].enabled);
}

export const services: Step = {
  id: 'services',
  title: 'Start its services',
  async check({ pi }) {
    // What a step before has set going is under way.
    const missing = missingServices(await pi.freshFacts());
    return missing.length === 0
      ? { done: true, detail: 'All run, and start with the Pi.' }
      : { done: false, detail: `Not running: ${missing.map((name) => `crosspoint-${name}`).join(', ')}.` };
  },
  async run({ pi }, report) {
    const units = SERVICES.map((name) => `crosspoint-${name}.service`).join(' ');
    report('Starting them.');
    await pi.root(`systemctl enable --quiet ${units}; systemctl start --no-block ${units}`);
    const deadline = performance.now() + START_MS;
    for (;;) {
      const missing = missingServices(await pi.look());
      if (missing.length === 0) return 'All run, and start with the Pi.';
      if (performance.now() > deadline) {
        const [first = 'gadget'] = missing;
        const { stdout } = await pi.root(sh`journalctl -q -n 3 -o cat -u ${`crosspoint-${first}`}`);
        throw new CrosspointError('unavailable', `crosspoint-${first} does not run: ${lastLine(stdout)}`, {
          hint: 'Its log tells more. Restarting the Pi may help.',
        });
      }
      await delay(500, pi.signal);
    }
  },
};

const LINK_MS = 30_000;
/** Sound comes a little after the pictures, and is no reason to wait long. */
const SOUND_MS = 5_000;

export const link: Step = {
  id: 'link',
  title: 'See it connect to this box',
  check({ links, box }) {
    const { video, audio } = links();
    return Promise.resolve(
      video && (audio || !box.sound)
        ? { done: true, detail: audio ? 'Pictures and sound are connected.' : 'Pictures are connected.' }
        : { done: false, detail: 'It has not connected yet.' },
    );
  },
  async run({ links, box, pi }, report) {
    report('Waiting for it.');
    const start = performance.now();
    for (;;) {
      const { video, audio } = links();
      const ms = performance.now() - start;
      if (video && (audio || !box.sound))
        return audio ? 'Pictures and sound are connected.' : 'Pictures are connected.';
      if (video && ms > SOUND_MS) return 'Pictures are connected; the sound is not yet.';
      if (ms > LINK_MS) break;
      await delay(200, pi.signal);
    }
    const { boxAddress } = await pi.facts();
    throw new CrosspointError('timeout', 'The Pi is set up, but it does not connect to this box.', {
      hint: box.rtmp.loopback
        ? `Crosspoint listens on this machine only. Start it so that gadgets can reach it: --rtmp 0.0.0.0:${box.rtmp.port} --audio-listen 0.0.0.0:4713`
        : `Is a firewall in between? From the Pi, ${boxAddress}, port ${box.rtmp.port} must be reached.`,
    });
  },
};
