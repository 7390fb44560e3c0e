import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAudioPlane, type StartableAudioPlane } from '../../electron/audio/create.ts';
import { type ListenOptions } from '../../electron/audio/gadget-link/gadget-access.ts';
import { type AudioDesired, type AudioStatus } from '../../electron/audio/plane.ts';
import { type Logger, silentLogger } from '../../electron/base/logger.ts';
import { DestinationId, GadgetId, SourceId } from '../../electron/contract/index.ts';

export const noisyLogger: Logger = {
  debug: (message, fields) => console.log('debug', message, fields ?? ''),
  info: (message, fields) => console.log('info', message, fields ?? ''),
  warn: (message, fields) => console.log('warn', message, fields ?? ''),
  error: (message, fields) => console.log('error', message, fields ?? ''),
  child: () => noisyLogger,
};
export const testLogger = process.env.PULSE_TEST_LOG ? noisyLogger : silentLogger;

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

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
}): Promise<TestPlane> {
  const runtimeDir = options.runtimeDir ?? (await mkdtemp(join(tmpdir(), 'xp-run-')));
  const { server, env = process.env, listen, keepSilentMs } = options;
  const plane = createAudioPlane({
    log: testLogger,
    server,
    runtimeDir,
    env,
    listen,
    ...(keepSilentMs === undefined ? {} : { keepSilentMs }),
  });
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

/** A desired routing in short: gadgets by id, microphones and speakers by device name, routes as `mic|desk.mic`. */
export function desire(spec: {
  gadgets?: readonly string[];
  mics?: Readonly<Record<string, string | (Strip & { device: string })>>;
  speakers?: Readonly<Record<string, string | (Strip & { device: string })>>;
  buses?: Readonly<Record<string, Strip>>;
  routes?: Readonly<Record<string, number | Strip>>;
}): AudioDesired {
  const gadgets = (spec.gadgets ?? []).map((id) => ({ id: GadgetId.parse(id), label: id }));
  const strip = (value: string | (Strip & { device: string })) => ({
    gainDb: 0,
    muted: false,
    ...(typeof value === 'string' ? { device: value } : value),
  });
  return {
    gadgets,
    sources: [
      ...Object.entries(spec.mics ?? {}).map(([id, value]) => ({
        id: SourceId.parse(id),
        kind: 'microphone' as const,
        ...strip(value),
      })),
      ...gadgets.map(({ id }) => ({
        id: SourceId.parse(`${id}.return`),
        kind: 'return' as const,
        gadget: id,
        gainDb: 0,
        muted: false,
        ...spec.buses?.[`${id}.return`],
      })),
    ],
    destinations: [
      ...gadgets.map(({ id }) => ({
        id: DestinationId.parse(`${id}.mic`),
        kind: 'mic' as const,
        gadget: id,
        gainDb: 0,
        muted: false,
        ...spec.buses?.[`${id}.mic`],
      })),
      ...Object.entries(spec.speakers ?? {}).map(([id, value]) => ({
        id: DestinationId.parse(id),
        kind: 'speaker' as const,
        ...strip(value),
      })),
    ],
    routes: Object.entries(spec.routes ?? {}).map(([key, value]) => {
      const [source, destination] = key.split('|');
      return {
        source: SourceId.parse(source),
        destination: DestinationId.parse(destination),
        gainDb: 0,
        muted: false,
        ...(typeof value === 'number' ? { gainDb: value } : value),
      };
    }),
  };
}
