import { describe, expect, it, vi } from 'vitest';
import {
  aptCommands,
  distributionOf,
  findMissing,
  findProgram,
  packageName,
  permissionOf,
  readNeeds,
} from '../../../build/system-packages.mjs';

type Probe = Parameters<typeof findMissing>[2];

/** A system on which only these things are there. */
const having = ({
  programs = [],
  files = [],
  packages = [],
}: Partial<Record<'programs' | 'files' | 'packages', string[]>>) =>
  ({
    hasProgram: (name) => programs.includes(name),
    hasFile: (path) => files.includes(path),
    installedPackages: vi.fn(
      (names: readonly string[]) => new Set(names.filter((name) => packages.includes(name))),
    ),
  }) satisfies Probe;
const names = (needs: readonly { package: string }[]) => needs.map((need) => need.package);

describe('the distribution', () => {
  it.each([
    ['ID=debian\n', 'debian'],
    ['PRETTY_NAME="Ubuntu 24.04 LTS"\nID=ubuntu\nID_LIKE=debian\n', 'ubuntu'],
    ['ID=linuxmint\nID_LIKE="ubuntu debian"\n', 'ubuntu'],
    ['ID=raspbian\nID_LIKE=debian\n', 'debian'],
    ['ID="fedora"\n', 'other'],
    ['', 'other'],
  ])('of %j is %s', (text, expected) => {
    expect(distributionOf(text)).toBe(expected);
  });
});

describe('what is missing', () => {
  const needs = [
    { package: 'ffmpeg', programs: ['ffmpeg'], why: 'video' },
    {
      package: 'chromium',
      ubuntu: 'chromium-browser',
      programs: ['chromium', 'google-chrome'],
      why: 'tests',
    },
    { package: 'openssh-client', programs: ['ssh', 'ssh-keygen'], all: true, why: 'tests' },
    { package: 'libpulse-dev', files: ['/usr/include/pulse/pulseaudio.h'], why: 'C' },
    { package: 'gstreamer1.0-libav', why: 'tests' },
  ];
  const everything = {
    programs: ['ffmpeg', 'google-chrome', 'ssh', 'ssh-keygen'],
    files: ['/usr/include/pulse/pulseaudio.h'],
    packages: ['gstreamer1.0-libav'],
  };

  it('is nothing where everything is there, in whatever way it came', () => {
    expect(findMissing(needs, 'debian', having(everything))).toEqual({ missing: [], unknown: [] });
  });
  it('is what no program, file or package provides', () => {
    expect(names(findMissing(needs, 'debian', having({})).missing).sort()).toEqual(names(needs).sort());
  });
  it('is a package of which one program of several is absent', () => {
    const probe = having({ ...everything, programs: ['ffmpeg', 'chromium', 'ssh'] });
    expect(names(findMissing(needs, 'debian', probe).missing)).toEqual(['openssh-client']);
  });
  it('asks dpkg once, and only where nothing else tells', () => {
    const probe = having(everything);
    findMissing(needs, 'debian', probe);
    expect(probe.installedPackages).toHaveBeenCalledExactlyOnceWith(['gstreamer1.0-libav']);
    const without = having(everything);
    findMissing(needs.slice(0, 4), 'debian', without);
    expect(without.installedPackages).not.toHaveBeenCalled();
  });
  it('on a foreign system cannot be said of packages without a program or file', () => {
    const { missing, unknown } = findMissing(
      needs,
      'other',
      having({ programs: ['ffmpeg', 'ssh', 'ssh-keygen'] }),
    );
    expect(names(missing)).toEqual(['chromium', 'libpulse-dev']);
    expect(names(unknown)).toEqual(['gstreamer1.0-libav']);
  });
  it('is named as the distribution names it', () => {
    expect(needs.slice(0, 2).map((need) => packageName(need, 'ubuntu'))).toEqual([
      'ffmpeg',
      'chromium-browser',
    ]);
    expect(needs.slice(0, 2).map((need) => packageName(need, 'debian'))).toEqual(['ffmpeg', 'chromium']);
  });
});

describe('the table of packages', () => {
  it('gives each package a reason, and the tests what the app needs as well', () => {
    const run = readNeeds('run');
    const test = readNeeds('test');
    expect(test.slice(0, run.length)).toEqual(run);
    for (const need of test) {
      expect(need.package).toMatch(/^[a-z0-9][a-z0-9.+-]+$/);
      expect(need.why, need.package).toMatch(/\w/);
    }
  });
  it('does not ask a PipeWire desktop to run PulseAudio', () => {
    const probe = having({
      programs: ['ffmpeg', 'pipewire-pulse', 'v4l2-ctl'],
      files: ['/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf'],
    });
    expect(findMissing(readNeeds('run'), 'debian', probe).missing).toEqual([]);
  });
});

describe('apt', () => {
  it('installs what is named, removes nothing and asks nothing', () => {
    const [update, install] = aptCommands(['ffmpeg', 'pulseaudio']);
    expect(update).toEqual(['apt-get', '-o', 'DPkg::Lock::Timeout=120', 'update']);
    expect(install).toEqual(
      expect.arrayContaining(['install', '--yes', '--no-remove', 'ffmpeg', 'pulseaudio']),
    );
  });
  it.each([
    ['root needs no sudo', { root: true, sudo: 'none', terminal: false }, { run: true, prefix: [] }],
    [
      'sudo without a password is used without a terminal',
      { root: false, sudo: 'free', terminal: false },
      { run: true, prefix: ['sudo', '-n'] },
    ],
    [
      'sudo may ask at a terminal',
      { root: false, sudo: 'asks', terminal: true },
      { run: true, prefix: ['sudo'] },
    ],
    [
      'sudo never asks where nobody can answer',
      { root: false, sudo: 'asks', terminal: false },
      { run: false },
    ],
    ['nothing can be done without sudo', { root: false, sudo: 'none', terminal: true }, { run: false }],
  ] as const)('%s', (_what, person, expected) => {
    expect(permissionOf(person)).toMatchObject(expected);
  });
});

it('programs are found on the PATH and in sbin, and folders are no programs', () => {
  expect(findProgram('sh', '/bin:/usr/bin')).toMatch(/\/sh$/);
  expect(findProgram('no-such-program')).toBeUndefined();
  expect(findProgram('', '/usr')).toBeUndefined();
});
