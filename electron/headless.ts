import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DisposableStore } from './base/disposable.ts';
import { createEngine, type EngineOptions, type EnginePort } from './engine/index.ts';
import { collectDiagnostics } from './engine/doctor/collect.ts';
import { announce } from './engine/instance.ts';
import { metricsText } from './remote/metrics.ts';
import { createOsc } from './remote/osc/server.ts';
import { createRemote } from './remote/server.ts';
import { resources } from './base/resources.ts';

export interface ServeOptions extends Omit<
  EngineOptions,
  'slatesDir' | 'mixerDir' | 'packagesDir' | 'discovery'
> {
  readonly http: { readonly host: string; readonly port: number };
  readonly token: string | undefined;
  /** Where control surfaces reach us by OSC; undefined: they do not. `allow`: who may, beyond loopback. */
  readonly osc?: { readonly host: string; readonly port: number; readonly allow: readonly string[] };
  /** Look for gadgets in the network; default: unless the environment's CROSSPOINT_DISCOVERY says otherwise. */
  readonly discovery?: boolean;
}

/** The line that `serve` prints when it is ready. */
export interface ReadyLine {
  readonly ready: true;
  readonly http: string;
  readonly rtmp: string;
  readonly pulse: string;
  /** Only with --osc: `127.0.0.1:7780`. */
  readonly osc?: string;
  readonly version: string;
}

export interface Headless {
  readonly ready: ReadyLine;
  readonly engine: EnginePort;
  /** What support needs, as a zip without secrets. */
  readonly diagnostics: () => Promise<Uint8Array>;
  dispose(): Promise<void>;
}

/** Engine and HTTP server in one process, without a window. Dispose it to stop cleanly. */
export async function startHeadless(options: ServeOptions): Promise<Headless> {
  const running = new DisposableStore();
  try {
    const engine = await createEngine({
      ...options,
      slatesDir: findBeside('assets/slates') ?? '',
      mixerDir: process.env.CROSSPOINT_MIXERS ?? findBeside('mixer') ?? '',
      packagesDir:
        process.env.CROSSPOINT_GADGET_PACKAGES ??
        // In an installed Crosspoint; in a checkout.
        findBeside('gadget-packages') ??
        findBeside('native/gadget/build') ??
        '',
      discovery: options.discovery === false ? false : discoveryFrom(process.env.CROSSPOINT_DISCOVERY),
    });
    running.add(engine);
    const { rtmp, pulse } = engine.addresses;
    let http = '';
    const diagnostics = shared(() =>
      collectDiagnostics({
        version: options.version,
        stateDir: options.stateDir,
        env: process.env,
        engine: {
          http,
          rtmp,
          state: engine.port.state,
          log: engine.port.log,
          metrics: metricsText(engine.port, options.version),
        },
      }),
    );
    const remote = await createRemote({
      engine: engine.port,
      log: options.log.child('remote'),
      ...options.http,
      token: options.token,
      rendererDir: findBeside('renderer'),
      version: options.version,
      diagnostics,
    });
    running.add(remote);
    http = remote.url;
    const osc = options.osc
      ? running.add(
          await createOsc({
            engine: engine.port,
            log: options.log.child('osc'),
            ...options.osc,
            version: options.version,
          }),
        )
      : undefined;
    running.add(
      announce(options.stateDir, {
        pid: process.pid,
        http: remote.url,
        rtmp,
        ...(options.token === undefined ? {} : { token: options.token }),
      }),
    );
    return {
      ready: {
        ready: true,
        http: remote.url,
        rtmp,
        pulse,
        ...(osc ? { osc: osc.address } : {}),
        version: options.version,
      },
      engine: engine.port,
      diagnostics,
      dispose: () => running.dispose(),
    };
  } catch (error) {
    await running.dispose();
    throw error;
  }
}

/** Whoever asks while one is being made gets the same. */
function shared<T>(make: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  return () => (running ??= make().finally(() => (running = undefined)));
}

/** `off`, or from which address and port alone: `127.0.0.1:5353`. Otherwise in every network. */
function discoveryFrom(text = ''): EngineOptions['discovery'] {
  if (text === 'off') return false;
  const match = /^(\d+\.\d+\.\d+\.\d+):(\d+)$/.exec(text);
  return match?.[1] === undefined ? {} : { interface: match[1], port: Number(match[2]) };
}

/** A directory of the build (`out/…`), of the checkout, or beside the archive of a packed Electron app. */
export function findBeside(name: string): string | undefined {
  const here = dirname(fileURLToPath(import.meta.url));
  return [
    join(here, name),
    join(here, '..', name),
    join(here, '..', 'out', name),
    ...resources().map((folder) => join(folder, name)),
  ].find((path) => existsSync(path));
}
