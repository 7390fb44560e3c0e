import { describe, expect, it } from 'vitest';
import { Emitter } from '../../../../electron/base/emitter.ts';
import { ServerMirror } from '../../../../electron/audio/executor/mirror.ts';
import { type ServerChange, type SinkInputInfo } from '../../../../electron/audio/pulse/index.ts';
import { SnapshotBuilder } from '../../../support/pulse-snapshot.ts';

/** A server of which everything can be asked, and changed. */
function startServer() {
  const world = new SnapshotBuilder();
  world.sink('hall');
  const stream = world.sinkInput('hall');
  const { server, sinks, sources, sinkInputs, sourceOutputs, modules } = world.snapshot;
  const streams = sinkInputs as Map<number, SinkInputInfo>;
  const changes = new Emitter<ServerChange>();
  const all =
    <T>(items: ReadonlyMap<number, T>) =>
    (): Promise<T[]> =>
      Promise.resolve([...items.values()]);
  const one =
    <T>(items: ReadonlyMap<number, T>) =>
    (index: number | string): Promise<T> =>
      Promise.resolve(items.get(Number(index))!);
  const mirror = new ServerMirror({
    onChange: changes.event,
    subscribe: () => Promise.resolve(),
    serverInfo: () => Promise.resolve(server),
    sinks: all(sinks),
    sink: one(sinks),
    sources: all(sources),
    source: one(sources),
    sinkInputs: all(sinkInputs),
    sinkInput: one(sinkInputs),
    sourceOutputs: all(sourceOutputs),
    sourceOutput: one(sourceOutputs),
    modules: all(modules),
    module: one(modules),
  });
  const change = async (values: object): Promise<void> => {
    streams.set(stream, { ...streams.get(stream)!, ...values });
    changes.fire({ facility: 'sinkInput', kind: 'change', index: stream });
    await mirror.refresh();
  };
  return { mirror, stream, change, changes };
}

describe('the mirror of a sound server', () => {
  it('is the same snapshot while only what is measured changes, so that nothing is planned anew', async () => {
    const { mirror, stream, change } = startServer();
    await mirror.load();
    const before = mirror.snapshot;
    await change({ bufferUs: 5000, sampleSpec: { format: 5, channels: 2, rateHz: 48_003 } });
    expect(mirror.snapshot).toBe(before);
    expect(mirror.snapshot.sinkInputs.get(stream)?.bufferUs).toBe(5000);
  });

  it('is another one as soon as a level changes', async () => {
    const { mirror, stream, change } = startServer();
    await mirror.load();
    const before = mirror.snapshot;
    await change({ muted: true });
    expect(mirror.snapshot).not.toBe(before);
    expect(mirror.snapshot.sinkInputs.get(stream)?.muted).toBe(true);
  });

  it('is another one when something is removed, and when something is there at the next full reading', async () => {
    const { mirror, stream, change, changes } = startServer();
    await mirror.load();
    const before = mirror.snapshot;
    changes.fire({ facility: 'sinkInput', kind: 'remove', index: stream });
    const without = mirror.snapshot;
    expect(without).not.toBe(before);
    expect(without.sinkInputs.has(stream)).toBe(false);
    mirror.noteStreams();
    await change({});
    expect(mirror.snapshot).not.toBe(without);
    expect(mirror.snapshot.sinkInputs.has(stream)).toBe(true);
  });
});
