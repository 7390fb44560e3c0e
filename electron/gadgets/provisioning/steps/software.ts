import { CrosspointError, messageOf } from '../../../contract/index.ts';
import { explainApt } from '../apt.ts';
import { lastLine, sh } from '../../ssh/index.ts';
import { type GadgetPackage } from '../../package-shelf.ts';
import { type Pi } from '../pi.ts';
import { KEEP } from '../survey.ts';
import { type Progress, type Step, type StepContext } from '../step.ts';

/** apt waits so long for another one that is at work. */
const APT = 'apt-get -q -y -o DPkg::Lock::Timeout=180 --no-install-recommends --allow-downgrades';
const INSTALL_MS = 900_000;

async function apt(pi: Pi, what: string, script: string): Promise<void> {
  const { code, stdout, stderr } = await pi.root(script, { deadlineMs: INSTALL_MS });
  if (code !== 0) throw explainApt(what, `${stdout}\n${stderr}`);
}

export const dependencies: Step = {
  id: 'dependencies',
  title: 'Install the libraries that it needs',
  async check({ pi }) {
    const { missing } = await pi.facts();
    return missing.length === 0
      ? { done: true, detail: 'They are there.' }
      : { done: false, detail: `Missing: ${missing.join(', ')}.` };
  },
  async run({ pi }, report) {
    const { missing } = await pi.facts();
    report('Asking for the list of packages.');
    await apt(
      pi,
      'The list of packages',
      'apt-get -q update -o DPkg::Lock::Timeout=180 -o APT::Update::Error-Mode=any',
    );
    const installed: string[] = [];
    for (const alternatives of missing) {
      const names = alternatives.split('|');
      const { stdout } = await pi.user(
        names
          .map(
            (name) =>
              sh`if apt-cache show ${name} 2> /dev/null | grep -q ^Filename:; then echo ${name}; exit; fi`,
          )
          .join('\n'),
      );
      const name = names.find((candidate) => candidate === stdout.trim()) ?? names.at(-1) ?? '';
      report(`Installing ${name}.`, installed.length / missing.length);
      await apt(pi, name, `${APT} install ` + sh`${name}`);
      installed.push(name);
    }
    const facts = await pi.look();
    if (facts.missing.length > 0)
      throw new CrosspointError('unavailable', `Still missing: ${facts.missing.join(', ')}.`, {
        hint: 'Run there: sudo apt-get -f install',
      });
    return `Installed: ${installed.join(', ')}.`;
  },
};

async function ours({ pi, shelf }: StepContext): Promise<GadgetPackage> {
  const { architecture } = await pi.facts();
  const found = await shelf.find(architecture);
  if (found) return found;
  throw new CrosspointError('unavailable', `This box has no package for ${architecture}.`, {
    hint: `An installed Crosspoint brings it; in a checkout, native/gadget/deb.sh ${architecture} native/gadget/build makes it.`,
  });
}

async function isNewer(pi: Pi, version: string, than: string): Promise<boolean> {
  const { code } = await pi.user(sh`dpkg --compare-versions ${version} gt ${than}`);
  return code === 0;
}

/** Brings a package file into a directory of its own on the Pi, and has it removed whatever happens. */
async function withFile<T>(
  pi: Pi,
  content: Buffer,
  report: Progress,
  use: (file: string) => Promise<T>,
): Promise<T> {
  const made = await pi.user('umask 022; mktemp -d /tmp/crosspoint.XXXXXXXX');
  const directory = made.stdout.trim();
  if (made.code !== 0 || !/^\/tmp\/crosspoint\.\w+$/.test(directory))
    throw new CrosspointError('unavailable', `The Pi has no room for a file: ${lastLine(made.stderr)}`, {
      hint: 'Is /tmp full or read-only there?',
    });
  try {
    const session = await pi.connect();
    await session.upload(`${directory}/gadget.deb`, content, {
      mode: '644',
      signal: pi.signal,
      onSent: (part) => report('Sending the package.', part),
    });
    // apt reads it as a user of its own.
    await pi.user(sh`chmod 755 ${directory}`);
    return await use(`${directory}/gadget.deb`);
  } finally {
    await pi.user(sh`rm -rf ${directory}`).catch(() => undefined);
  }
}

/** Installs `file`; what was there before is kept as `previous`. */
const installScript = (file: string, sha256: string): string =>
  `set -e; umask 022; mkdir -p ${KEEP}\n` +
  sh`file=${file} sum=${sha256}` +
  `
  before=$(dpkg-query -W -f '\${Version}' crosspoint-gadget 2> /dev/null || true)
  ${APT} --reinstall install "$file"
  cd ${KEEP}
  if [ -e current.deb ] && [ "$(head -n 1 current.sha256)" != "$sum" ]; then
    mv -f current.deb previous.deb
    mv -f current.sha256 previous.sha256
    printf '%s\\n' "$before" > previous.version
  fi
  cp "$file" current.deb.new
  mv -f current.deb.new current.deb
  printf '%s\\n' "$sum" > current.sha256.new
  mv -f current.sha256.new current.sha256
  sync
  `;

const packageStep = (keepNewer: boolean): Step => ({
  id: 'package',
  title: "Install the gadget's programs",
  async check(context) {
    const { installed, packageSha256 } = await context.pi.facts();
    const available = await ours(context);
    if (installed === '') return { done: false, detail: `Version ${available.version} is to be installed.` };
    if (
      keepNewer &&
      installed !== available.version &&
      (await isNewer(context.pi, installed, available.version))
    )
      return { done: true, detail: `Version ${installed} is there, which is newer than ours.` };
    const { sha256 } = await context.shelf.read(available);
    return installed === available.version && sha256 === packageSha256
      ? { done: true, detail: `Version ${installed} is there.` }
      : { done: false, detail: `Version ${installed} is there; ours is ${available.version}.` };
  },
  async run(context, report) {
    const { pi, shelf } = context;
    const available = await ours(context);
    const { content, sha256 } = await shelf.read(available);
    await withFile(pi, content, report, async (file) => {
      report(`Installing version ${available.version}.`);
      await apt(pi, 'The package of the gadget', installScript(file, sha256));
    });
    const { installed } = await pi.look();
    if (installed !== available.version)
      throw new CrosspointError(
        'unavailable',
        `The package is not installed: there is ${installed || 'none'}.`,
        {
          hint: 'Run there: sudo dpkg --configure -a',
        },
      );
    return `Version ${installed} is installed.`;
  },
});

/** As the box wants it; a newer one that somebody else has put there stays. */
export const software = packageStep(true);
/** The box's version, whatever is there. */
export const ownSoftware = packageStep(false);

export const previousSoftware: Step = {
  id: 'rollback',
  title: 'Go back to the version before',
  async check({ pi }) {
    const { previous } = await pi.facts();
    if (previous === '')
      throw new CrosspointError('not-found', 'The Pi keeps no version to go back to.', {
        hint: 'There is one after the first update.',
      });
    return { done: false, detail: `Version ${previous} is kept there.` };
  },
  async run({ pi }, report) {
    const { previous, installed } = await pi.facts();
    report(`Installing version ${previous}.`);
    await apt(
      pi,
      'The version before',
      `set -e; umask 022; cd ${KEEP}
      ${APT} --reinstall install ${KEEP}/previous.deb
      ` +
        sh`now=${installed}` +
        `
      mv -f current.deb swap.deb; mv -f current.sha256 swap.sha256
      mv -f previous.deb current.deb; mv -f previous.sha256 current.sha256
      mv -f swap.deb previous.deb; mv -f swap.sha256 previous.sha256
      printf '%s\\n' "$now" > previous.version
      sync`,
    );
    const facts = await pi.look();
    return `Version ${facts.installed} is installed; ${installed} is kept.`;
  },
};

export const removeSoftware: Step = {
  id: 'remove',
  title: "Remove the gadget's programs",
  async check({ pi }) {
    const { installed } = await pi.facts();
    return installed === ''
      ? { done: true, detail: 'They are not there.' }
      : { done: false, detail: `Version ${installed} is there.` };
  },
  async run({ pi }, report) {
    report('Removing them.');
    await apt(
      pi,
      'The removal',
      `apt-get -q -y -o DPkg::Lock::Timeout=180 purge crosspoint-gadget && rm -rf ${KEEP} /etc/crosspoint`,
    );
    await pi.look().catch((error: unknown) => {
      throw new CrosspointError('unavailable', messageOf(error));
    });
    return 'Programs, configuration and the kept package are gone.';
  },
};
