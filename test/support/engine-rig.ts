import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '../../electron/base/logger.ts';
import { parseCommands } from '../../electron/contract/index.ts';
import { Engine } from '../../electron/engine/engine.ts';
import { EMPTY_MODEL, type Model } from '../../electron/engine/store/model.ts';
import { Store } from '../../electron/engine/store/store.ts';
import { NotedGadgets } from './gadgets-noted.ts';
import { NotedAudio, NotedVideo } from './engine-planes.ts';

/** An engine on a store of its own, with planes that only take notes. */
export async function engineOn(model: Model = EMPTY_MODEL, { fresh = false } = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'crosspoint-engine-'));
  const { store } = await Store.open({ directory, log: silentLogger });
  const audio = new NotedAudio();
  const video = new NotedVideo();
  const gadgets = new NotedGadgets();
  const noDemo = {
    running: false,
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),
    dispose: () => undefined,
  };
  const engine = new Engine({
    log: silentLogger,
    store,
    checkpoint: { revision: 0, model },
    fresh,
    audio,
    video,
    gadgets,
    demo: () => noDemo,
  });
  return {
    engine,
    audio,
    video,
    gadgets,
    store,
    directory,
    run: (...commands: unknown[]) => engine.execute(parseCommands(commands), 'test'),
    dispose: async () => {
      await engine.dispose();
      await store.close();
      await rm(directory, { recursive: true });
    },
  };
}
