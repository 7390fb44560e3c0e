import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mixerProgramIn } from '../../electron/audio/mixer/start-mixer.ts';
import { createAudioPlane, type StartableAudioPlane } from '../../electron/audio/create.ts';
import { type ListenOptions } from '../../electron/audio/gadget-link/gadget-access.ts';
import { type AudioDesired, type AudioFeeds, type AudioStatus } from '../../electron/audio/plane.ts';
import { type Logger, silentLogger } from '../../electron/base/logger.ts';
import { DestinationId, GadgetId, type SoundMixer, SourceId } from '../../electron/contract/index.ts';

export const noisyLogger: Logger = {
  debug: (message, fields) => console.log('debug', message, fields ?? ''),
  info: (message, fields) => console.log('info', message, fields ?? ''),
  warn: (message, fields) => console.log('warn', message, fields ?? ''),
  error: (message, fields) => console.log('error', message, fields ?? ''),
  child: () => noisyLogger,
};
export const testLogger = process.env.PULSE_TEST_LOG ? noisyLogger : silentLogger;

/** As `npm run build` makes it. */
export const MIXER_PROGRAM = mixerProgramIn(fileURLToPath(new URL('../../out/mixer', import.meta.url)));

/** For tests without ingests. */
export const NO_FEEDS: AudioFeeds = { open: () => ({ dispose: () => undefined }) };

export interface TestPlane {
  readonly plane: StartableAudioPlane;
  readonly runtimeDir: string;
  /** The status as soon as it is so. */
  readonly until: (
    what: string,
    is: (status: AudioStatus) => boolean,
    deadlineMs?: number,
  ) => Promise<AudioStatus>;
  dispose(): Promise<void>;
}

export async function startPlane(options: {
  server: string;
  env?: NodeJS.ProcessEnv;
  runtimeDir?: string;
  listen?: ListenOptions;
  keepSilentMs?: number;
  lookForUserMs?: number;
  feeds?: AudioFeeds;
  /** Instead of the one that is asked for. */
  mixer?: SoundMixer;
  mixerProgram?: string;
}): Promise<TestPlane> {
  const runtimeDir = options.runtimeDir ?? (await mkdtemp(join(tmpdir(), 'xp-run-')));
  const { server, env = process.env, listen, keepSilentMs, lookForUserMs } = options;
  const plane = createAudioPlane({
    log: testLogger,
    server,
    runtimeDir,
    env,
    listen,
    mixerProgram: options.mixerProgram ?? MIXER_PROGRAM,
    feeds: options.feeds ?? NO_FEEDS,
    ...(keepSilentMs === undefined ? {} : { keepSilentMs }),
    ...(lookForUserMs === undefined ? {} : { lookForUserMs }),
  });
  const { mixer } = options;
  const apply = plane.apply.bind(plane);
  if (mixer !== undefined) plane.apply = (desired) => apply({ ...desired, mixer });
  await plane.start();
  return {
    plane,
    runtimeDir,
    until: (what, is, deadlineMs = 5000) =>
      new Promise((resolve, reject) => {
        if (is(plane.status)) {
          resolve(plane.status);
          return;
        }
        const timer = setTimeout(() => {
          void listener.dispose();
          reject(
            new Error(
              `${what}: not within ${deadlineMs} ms; status: ${JSON.stringify(plane.status, null, 1)}`,
            ),
          );
        }, deadlineMs);
        const listener = plane.onStatus((status) => {
          if (!is(status)) return;
          clearTimeout(timer);
          void listener.dispose();
          resolve(status);
        });
      }),
    async dispose() {
      await plane.dispose();
      if (options.runtimeDir === undefined)
        await rm(runtimeDir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

interface Strip {
  gainDb?: number;
  muted?: boolean;
}
interface Mic extends Strip {
  device: string;
  echo?: { reference: string; noiseSuppression?: boolean };
  talkOver?: boolean;
}
interface Output extends Strip {
  delayMs?: number;
  latencyMs?: number;
}
interface Speaker extends Output {
  device: string;
  duckDb?: number;
}

const strip = ({ gainDb = 0, muted = false }: Strip = {}) => ({ gainDb, muted });
const output = ({ delayMs = 0, latencyMs, ...more }: Output = {}) => ({
  ...strip(more),
  delayMs,
  latencyMs: latencyMs ?? null,
});
const named = <T extends { device: string }>(value: string | T): T | { device: string } =>
  typeof value === 'string' ? { device: value } : value;

/**
 * A desired routing in short: gadgets by id, microphones and speakers by device name, ingests by slug, routes as
 * `mic|desk.mic`.
 */
export function desire(spec: {
  gadgets?: readonly string[];
  mics?: Readonly<Record<string, string | Mic>>;
  speakers?: Readonly<Record<string, string | Speaker>>;
  buses?: Readonly<Record<string, Output>>;
  ingests?: readonly string[];
  routes?: Readonly<Record<string, number | Strip>>;
  solo?: { on: string; ids: readonly string[] };
  gainCeilingDb?: number;
  mixer?: SoundMixer;
}): AudioDesired {
  const gadgets = (spec.gadgets ?? []).map((id) => ({ id: GadgetId.parse(id), label: id }));
  return {
    gadgets,
    sources: [
      ...Object.entries(spec.mics ?? {}).map(([id, value]) => {
        const mic: Mic = named(value);
        return {
          id: SourceId.parse(id),
          kind: 'microphone' as const,
          device: mic.device,
          ...strip(mic),
          talkOver: mic.talkOver ?? false,
          echo: mic.echo
            ? {
                reference: DestinationId.parse(mic.echo.reference),
                noiseSuppression: mic.echo.noiseSuppression ?? false,
              }
            : null,
        };
      }),
      ...gadgets.map(({ id }) => ({
        id: SourceId.parse(`${id}.return`),
        kind: 'return' as const,
        gadget: id,
        ...strip(spec.buses?.[`${id}.return`]),
      })),
      ...(spec.ingests ?? []).map((slug) => ({
        id: SourceId.parse(`ingest:${slug}.audio`),
        kind: 'feed' as const,
        ingest: SourceId.parse(`ingest:${slug}`),
        label: slug,
        ...strip(),
      })),
    ],
    destinations: [
      ...gadgets.map(({ id }) => ({
        id: DestinationId.parse(`${id}.mic`),
        kind: 'mic' as const,
        gadget: id,
        ...output(spec.buses?.[`${id}.mic`]),
      })),
      ...Object.entries(spec.speakers ?? {}).map(([id, value]) => {
        const speaker: Speaker = named(value);
        return {
          id: DestinationId.parse(id),
          kind: 'speaker' as const,
          device: speaker.device,
          duckDb: speaker.duckDb ?? null,
          ...output(speaker),
        };
      }),
    ],
    routes: Object.entries(spec.routes ?? {}).map(([key, value]) => {
      const [source, destination] = key.split('|');
      return {
        source: SourceId.parse(source),
        destination: DestinationId.parse(destination),
        ...strip(typeof value === 'number' ? { gainDb: value } : value),
      };
    }),
    solo: {
      on: spec.solo ? DestinationId.parse(spec.solo.on) : null,
      ids: (spec.solo?.ids ?? []).map((id) =>
        SourceId.safeParse(id).success ? SourceId.parse(id) : DestinationId.parse(id),
      ),
    },
    gainCeilingDb: spec.gainCeilingDb ?? 10,
    mixer: spec.mixer ?? 'loopbacks',
  };
}
