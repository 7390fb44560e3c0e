import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { resources } from '../base/resources.ts';
import { CrosspointError } from '../contract/index.ts';

const run = promisify(execFile);

/** The ffmpeg that is used, and what it can do. */
export interface Ffmpeg {
  readonly path: string;
  /** As it calls itself: `5.1.9-0+deb12u1`, `N-112233-g…`. */
  readonly version: string;
  /** Older than 5.1 knows `-vsync` only; newer than 7 no longer does. */
  readonly hasFpsMode: boolean;
  readonly decoders: ReadonlySet<string>;
  readonly encoders: ReadonlySet<string>;
  readonly filters: ReadonlySet<string>;
  readonly devices: ReadonlySet<string>;
}

/** Without these there are no pictures at all. */
const NEEDED = {
  encoders: ['mjpeg'],
  decoders: ['h264', 'mjpeg'],
  filters: ['scale', 'pad', 'select', 'split', 'setpts', 'settb', 'format'],
} as const;

/** Where ffmpeg may be, best first: the one that was installed with Crosspoint, then the system's. */
export function ffmpegCandidates(): readonly string[] {
  const packed = resources().map((folder) => join(folder, 'ffmpeg'));
  const own = [...packed, ...staticFfmpeg()].find((path) => existsSync(path));
  return own === undefined ? ['ffmpeg'] : [own, 'ffmpeg'];
}

function staticFfmpeg(): readonly string[] {
  try {
    const path: unknown = createRequire(import.meta.url)('ffmpeg-static');
    return typeof path === 'string' ? [path] : [];
  } catch {
    return [];
  }
}

/**
 * Look at the first ffmpeg that works.
 * @throws CrosspointError `unavailable`: none is there, or it lacks something that is needed
 */
export async function findFfmpeg(candidates: readonly string[] = ffmpegCandidates()): Promise<Ffmpeg> {
  let failure: CrosspointError | undefined;
  for (const path of candidates) {
    try {
      return await inspect(path);
    } catch (error) {
      failure ??= error instanceof CrosspointError ? error : notFound(error);
    }
  }
  throw failure ?? notFound(undefined);
}

const notFound = (cause: unknown): CrosspointError =>
  new CrosspointError('unavailable', 'ffmpeg was not found: there are no pictures without it.', {
    hint: 'Install it with your package manager, e.g. apt install ffmpeg.',
    cause,
  });

async function inspect(path: string): Promise<Ffmpeg> {
  const ask = async (...args: string[]): Promise<string> =>
    (
      await run(path, ['-hide_banner', '-loglevel', 'error', ...args], {
        timeout: 10_000,
        maxBuffer: 4 * 1024 * 1024,
      })
    ).stdout;
  const { stdout: banner } = await run(path, ['-version'], { timeout: 10_000 });
  const version = /^ffmpeg version (\S+)/m.exec(banner)?.[1];
  if (version === undefined) throw new CrosspointError('unavailable', `${path} is not ffmpeg.`);
  const [decoders, encoders, filters, devices] = await Promise.all([
    ask('-decoders'),
    ask('-encoders'),
    ask('-filters'),
    ask('-devices'),
  ]);
  const found = {
    decoders: namesIn(decoders),
    encoders: namesIn(encoders),
    filters: namesIn(filters),
    devices: namesIn(devices),
  };
  const missing = Object.entries(NEEDED).flatMap(([kind, names]) =>
    names
      .filter((name) => !found[kind as keyof typeof NEEDED].has(name))
      .map((name) => `${kind.slice(0, -1)} ${name}`),
  );
  if (missing.length > 0)
    throw new CrosspointError(
      'unavailable',
      `ffmpeg ${version} lacks what is needed: ${missing.join(', ')}.`,
      {
        hint: "Install a complete ffmpeg, such as your distribution's.",
      },
    );
  return { path, version, hasFpsMode: isAtLeast51(version), ...found };
}

/** Second column of ffmpeg's lists; some names come as `name,alias`. */
const namesIn = (list: string): ReadonlySet<string> =>
  new Set(
    [...list.matchAll(/^ [A-Z.| ]{1,6}\s+([a-zA-Z0-9_,-]+)\s/gm)].flatMap(([, names = '']) =>
      names.split(','),
    ),
  );

/** Builds from git carry no number; they are newer. */
function isAtLeast51(version: string): boolean {
  const [, major, minor] = /^n?(\d+)\.(\d+)/.exec(version) ?? [];
  if (major === undefined) return true;
  return Number(major) > 5 || (Number(major) === 5 && Number(minor) >= 1);
}
