import { CrosspointError } from '../../contract/index.ts';

export interface FlvTag {
  /** As RTMP's message types: 8 audio, 9 video, 18 data. */
  readonly type: number;
  readonly timestampMs: number;
  readonly body: Buffer;
}

const FILE_HEAD_BYTES = 13;
const TAG_HEAD_BYTES = 11;
const TAG_TAIL_BYTES = 4;

/** Takes an FLV that comes in pieces apart (FLV 10.1, annex E). */
export class FlvReader {
  readonly #onTag: (tag: FlvTag) => void;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #neededBytes = FILE_HEAD_BYTES;
  #begun = false;

  constructor(onTag: (tag: FlvTag) => void) {
    this.#onTag = onTag;
  }

  /** @throws CrosspointError `internal` when this is no FLV */
  push(chunk: Buffer): void {
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.length;
    if (this.#waitingBytes < this.#neededBytes) return;
    let rest = Buffer.concat(this.#waiting);
    if (!this.#begun) {
      if (rest.toString('latin1', 0, 3) !== 'FLV')
        throw new CrosspointError('internal', 'ffmpeg wrote something else than FLV.');
      this.#begun = true;
      rest = rest.subarray(FILE_HEAD_BYTES);
    }
    for (;;) {
      this.#neededBytes = rest.length < TAG_HEAD_BYTES ? TAG_HEAD_BYTES : tagBytes(rest);
      if (rest.length < this.#neededBytes) break;
      this.#onTag({
        type: (rest[0] ?? 0) & 0x1f,
        timestampMs: rest.readUIntBE(4, 3) + (rest[7] ?? 0) * 0x1000000,
        body: rest.subarray(TAG_HEAD_BYTES, this.#neededBytes - TAG_TAIL_BYTES),
      });
      rest = rest.subarray(this.#neededBytes);
    }
    this.#waiting = rest.length === 0 ? [] : [rest];
    this.#waitingBytes = rest.length;
  }
}

const tagBytes = (tag: Buffer): number => TAG_HEAD_BYTES + tag.readUIntBE(1, 3) + TAG_TAIL_BYTES;
