import { join } from 'node:path';
import { createAudioPlane } from '../audio/create.ts';
import { mixerProgramIn } from '../audio/mixer/start-mixer.ts';
import { type Disposable, DisposableStore } from '../base/disposable.ts';
import { type Logger } from '../base/logger.ts';
import { type Ffmpeg, findFfmpeg } from '../video/ffmpeg.ts';
import { type DiscoveryOptions } from '../gadgets/discovery.ts';
import { createGadgetsPlane } from '../gadgets/gadgets-plane.ts';
import { createVideoPlane } from '../video/video-plane.ts';
import { type Address } from './address.ts';
import { createDemoRig, isDemoConfig } from './demo/demo-rig.ts';
import { Engine } from './engine.ts';
import { boxFacts, linksOf } from './gadgets.ts';
import { lockDirectory } from './instance.ts';
import { type EnginePort } from './port.ts';
import { Store } from './store/store.ts';
import { Supervisor } from './supervisor.ts';

export { type EnginePort } from './port.ts';

export interface EngineOptions {
  readonly stateDir: string;
  readonly log: Logger;
  readonly rtmp: Address;
  /** `auto`, or an address as in PULSE_SERVER. */
  readonly pulse: string;
  /** Where gadgets reach the sound server; undefined: they do not. */
  readonly audioListen: Address | undefined;
  /** Start the demo rig. */
  readonly demo: boolean;
  readonly restoreBackup: boolean;
  /** Folder with the slates. */
  readonly slatesDir: string;
  /** Folder with our own mixer, for each architecture; it need not be there. */
  readonly mixerDir: string;
  /** Folder with the packages for gadgets. */
  readonly packagesDir: string;
  /** Look for gadgets in the network. */
  readonly discovery: DiscoveryOptions | false;
  readonly version: string;
}

/** A running engine. Dispose it to stop cleanly: everything that it loaded is unloaded, no child is left. */
export interface RunningEngine extends Disposable {
  readonly port: EnginePort;
  readonly addresses: { readonly rtmp: string; readonly pulse: string };
}

/**
 * Build the engine: everything in order, each part given only what it needs.
 * @throws CrosspointError `state-locked`, `state-broken`, `state-newer`, `port-in-use`
 */
export async function createEngine(options: EngineOptions): Promise<RunningEngine> {
  const { log, stateDir } = options;
  const running = new DisposableStore();
  try {
    running.add(await lockDirectory(stateDir));
    const { store, checkpoint, fresh } = await Store.open({
      directory: stateDir,
      log: log.child('store'),
      restoreBackup: options.restoreBackup,
    });
    running.defer(() => store.close());
    const children = running.add(new Supervisor(log.child('children')));
    const audio = running.add(
      createAudioPlane({
        log: log.child('audio'),
        server: options.pulse,
        runtimeDir: join(stateDir, 'pulse'),
        listen: options.audioListen,
        mixerProgram: mixerProgramIn(options.mixerDir),
        feeds: { open: (ingest, onPcm) => video.listen(ingest, onPcm) },
      }),
    );
    let ffmpeg: Ffmpeg | undefined;
    const video = running.add(
      createVideoPlane({
        log: log.child('video'),
        children,
        slatesDir: options.slatesDir,
        rtmp: options.rtmp,
        findFfmpeg: async () => (ffmpeg = await findFfmpeg()),
      }),
    );
    let rtmpUrl = '';
    const gadgets = running.add(
      await createGadgetsPlane({
        log: log.child('gadgets'),
        directory: join(stateDir, 'gadgets'),
        packagesDir: options.packagesDir,
        discovery: options.discovery,
        box: () => boxFacts(rtmpUrl, audio.gadgetAccess()),
        links: (id) => linksOf(id, video.status, audio.status),
      }),
    );
    const engine = new Engine({
      log: log.child('engine'),
      store,
      checkpoint,
      fresh,
      audio,
      video,
      gadgets,
      demo: (self) =>
        createDemoRig({
          log: log.child('demo'),
          children,
          engine: self,
          rtmpUrl: () => rtmpUrl.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:'),
          connect: () => audio.connect(),
          ffmpeg: () => ffmpeg?.path,
        }),
    });
    running.add(engine);
    // The planes know what is wanted before they look at the world: what is there and wanted is adopted, not removed.
    const [{ host, port }] = await Promise.all([video.start(), audio.start()]);
    rtmpUrl = `rtmp://${host.includes(':') ? `[${host}]` : host}:${port}`;
    if (options.demo || isDemoConfig(engine.state)) await engine.execute([{ type: 'demo.start' }], 'start');
    return {
      port: engine,
      addresses: { rtmp: rtmpUrl, pulse: audio.status.sound.address ?? '' },
      dispose: () => running.dispose(),
    };
  } catch (error) {
    await running.dispose();
    throw error;
  }
}
