import { type SinkInputInfo } from '../pulse/index.ts';

/** Counts how often playback streams of others are seen to have run empty. A look now and then misses short ones. */
export class EmptyWatch {
  readonly #streams = new Map<number, { empty: boolean; count: number }>();

  note(streams: readonly SinkInputInfo[]): void {
    const seen = new Set(streams.map(({ index }) => index));
    for (const index of this.#streams.keys()) if (!seen.has(index)) this.#streams.delete(index);
    for (const { index, bufferUs, deviceUs, corked } of streams) {
      const stream = this.#streams.get(index);
      // A server that tells of no latency at all (PipeWire) tells of no empty streams either.
      const empty = !corked && bufferUs === 0 && deviceUs > 0;
      if (!stream) this.#streams.set(index, { empty, count: 0 });
      else {
        if (empty && !stream.empty) stream.count++;
        stream.empty = empty;
      }
    }
  }

  get counts(): ReadonlyMap<number, number> {
    return new Map([...this.#streams].map(([index, { count }]) => [index, count]));
  }
}
