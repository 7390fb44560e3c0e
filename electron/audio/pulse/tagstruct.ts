import { COOKIE_BYTES, MAX_CHANNELS } from './constants.ts';
import { PulseError } from './errors.ts';

/** Rate in Hz; `format` is PulseAudio's number of the sample format. */
export interface SampleSpec {
  readonly format: number;
  readonly channels: number;
  readonly rateHz: number;
}

export type Properties = Readonly<Record<string, string>>;

const TAG = {
  string: 0x74,
  stringNull: 0x4e,
  u32: 0x4c,
  u8: 0x42,
  u64: 0x52,
  s64: 0x72,
  sampleSpec: 0x61,
  arbitrary: 0x78,
  true: 0x31,
  false: 0x30,
  timeval: 0x54,
  usec: 0x55,
  channelMap: 0x6d,
  volumes: 0x76,
  properties: 0x50,
  volume: 0x56,
  formatInfo: 0x66,
} as const;

/** Limits of PulseAudio's own reader. */
const PROPERTY_BYTES_MAX = 64 * 1024;
const PROPERTIES_MAX = 1024;

/** Writes the tagged values of a control message. Every method returns the writer. */
export class TagWriter {
  #buffer = Buffer.allocUnsafe(512);
  #length = 0;

  #reserve(bytes: number): number {
    const start = this.#length;
    const needed = start + bytes;
    if (needed > this.#buffer.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
      this.#buffer.copy(grown, 0, 0, start);
      this.#buffer = grown;
    }
    this.#length = needed;
    return start;
  }

  u32(value: number): this {
    const at = this.#reserve(5);
    this.#buffer[at] = TAG.u32;
    this.#buffer.writeUInt32BE(value >>> 0, at + 1);
    return this;
  }

  u8(value: number): this {
    const at = this.#reserve(2);
    this.#buffer[at] = TAG.u8;
    this.#buffer[at + 1] = value;
    return this;
  }

  bool(value: boolean): this {
    this.#buffer[this.#reserve(1)] = value ? TAG.true : TAG.false;
    return this;
  }

  string(value: string | null): this {
    if (value === null) {
      this.#buffer[this.#reserve(1)] = TAG.stringNull;
      return this;
    }
    if (value.includes('\0'))
      throw new PulseError('invalid', 'A text for the sound server contains a NUL character.');
    const bytes = Buffer.byteLength(value);
    const at = this.#reserve(bytes + 2);
    this.#buffer[at] = TAG.string;
    this.#buffer.write(value, at + 1, 'utf8');
    this.#buffer[at + 1 + bytes] = 0;
    return this;
  }

  arbitrary(bytes: Uint8Array): this {
    const at = this.#reserve(5 + bytes.length);
    this.#buffer[at] = TAG.arbitrary;
    this.#buffer.writeUInt32BE(bytes.length, at + 1);
    this.#buffer.set(bytes, at + 5);
    return this;
  }

  timeval(seconds: number, microseconds: number): this {
    const at = this.#reserve(9);
    this.#buffer[at] = TAG.timeval;
    this.#buffer.writeUInt32BE(seconds >>> 0, at + 1);
    this.#buffer.writeUInt32BE(microseconds >>> 0, at + 5);
    return this;
  }

  sampleSpec(spec: SampleSpec): this {
    const at = this.#reserve(7);
    this.#buffer[at] = TAG.sampleSpec;
    this.#buffer[at + 1] = spec.format;
    this.#buffer[at + 2] = spec.channels;
    this.#buffer.writeUInt32BE(spec.rateHz, at + 3);
    return this;
  }

  channelMap(positions: readonly number[]): this {
    const at = this.#reserve(2 + positions.length);
    this.#buffer[at] = TAG.channelMap;
    this.#buffer[at + 1] = positions.length;
    positions.forEach((position, index) => (this.#buffer[at + 2 + index] = position));
    return this;
  }

  volumes(raw: readonly number[]): this {
    const at = this.#reserve(2 + raw.length * 4);
    this.#buffer[at] = TAG.volumes;
    this.#buffer[at + 1] = raw.length;
    raw.forEach((value, index) => this.#buffer.writeUInt32BE(value >>> 0, at + 2 + index * 4));
    return this;
  }

  properties(values: Properties): this {
    this.#buffer[this.#reserve(1)] = TAG.properties;
    for (const [key, value] of Object.entries(values)) {
      const bytes = Buffer.from(`${value}\0`);
      this.string(key).u32(bytes.length).arbitrary(bytes);
    }
    return this.string(null);
  }

  finish(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }
}

/** Reads the tagged values of a control message; whatever does not fit throws a `protocol` error. */
export class TagReader {
  readonly #buffer: Buffer;
  #at = 0;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  get atEnd(): boolean {
    return this.#at >= this.#buffer.length;
  }

  /** Reserves `bytes` of the message and answers where they start. */
  #take(bytes: number): number {
    const start = this.#at;
    if (bytes > this.#buffer.length - start)
      throw new PulseError('protocol', 'The sound server sent a message that is cut short.');
    this.#at = start + bytes;
    return start;
  }

  #byte(): number {
    return this.#buffer.readUInt8(this.#take(1));
  }

  #expect(tag: number): void {
    const found = this.#byte();
    if (found !== tag)
      throw new PulseError(
        'protocol',
        `The sound server sent a value of type ${found} where ${tag} was expected.`,
      );
  }

  u32(): number {
    this.#expect(TAG.u32);
    return this.#buffer.readUInt32BE(this.#take(4));
  }

  u8(): number {
    this.#expect(TAG.u8);
    return this.#byte();
  }

  bool(): boolean {
    const tag = this.#byte();
    if (tag === TAG.true) return true;
    if (tag === TAG.false) return false;
    throw new PulseError(
      'protocol',
      `The sound server sent a value of type ${tag} where a yes or no was expected.`,
    );
  }

  string(): string | null {
    const tag = this.#byte();
    if (tag === TAG.stringNull) return null;
    if (tag !== TAG.string)
      throw new PulseError(
        'protocol',
        `The sound server sent a value of type ${tag} where a text was expected.`,
      );
    const end = this.#buffer.indexOf(0, this.#at);
    if (end < 0) throw new PulseError('protocol', 'The sound server sent a text without an end.');
    const text = this.#buffer.toString('utf8', this.#at, end);
    this.#at = end + 1;
    return text;
  }

  /** Microseconds. Values beyond 2^53 lose their last bits. */
  usec(): number {
    this.#expect(TAG.usec);
    return Number(this.#buffer.readBigUInt64BE(this.#take(8)));
  }

  s64(): number {
    this.#expect(TAG.s64);
    return Number(this.#buffer.readBigInt64BE(this.#take(8)));
  }

  u64(): number {
    this.#expect(TAG.u64);
    return Number(this.#buffer.readBigUInt64BE(this.#take(8)));
  }

  timeval(): { readonly seconds: number; readonly microseconds: number } {
    this.#expect(TAG.timeval);
    const at = this.#take(8);
    return { seconds: this.#buffer.readUInt32BE(at), microseconds: this.#buffer.readUInt32BE(at + 4) };
  }

  arbitrary(maxBytes = COOKIE_BYTES): Buffer {
    this.#expect(TAG.arbitrary);
    const length = this.#buffer.readUInt32BE(this.#take(4));
    if (length > maxBytes)
      throw new PulseError('protocol', `The sound server sent a value of ${length} bytes.`);
    const at = this.#take(length);
    return this.#buffer.subarray(at, at + length);
  }

  sampleSpec(): SampleSpec {
    this.#expect(TAG.sampleSpec);
    const at = this.#take(6);
    return {
      format: this.#buffer.readUInt8(at),
      channels: this.#buffer.readUInt8(at + 1),
      rateHz: this.#buffer.readUInt32BE(at + 2),
    };
  }

  #channels(): number {
    const count = this.#byte();
    if (count > MAX_CHANNELS)
      throw new PulseError('protocol', `The sound server speaks of ${count} channels.`);
    return count;
  }

  channelMap(): number[] {
    this.#expect(TAG.channelMap);
    const count = this.#channels();
    const at = this.#take(count);
    return [...this.#buffer.subarray(at, at + count)];
  }

  volumes(): number[] {
    this.#expect(TAG.volumes);
    const count = this.#channels();
    const at = this.#take(count * 4);
    return Array.from({ length: count }, (_, index) => this.#buffer.readUInt32BE(at + index * 4));
  }

  volume(): number {
    this.#expect(TAG.volume);
    return this.#buffer.readUInt32BE(this.#take(4));
  }

  /** Values that are no text are read as if they were; nothing that we look at is binary. */
  properties(): Properties {
    this.#expect(TAG.properties);
    // No prototype: the keys come from outside.
    const values = Object.create(null) as Record<string, string>;
    for (let count = 0; ; count++) {
      const key = this.string();
      if (key === null) return values;
      if (count >= PROPERTIES_MAX)
        throw new PulseError('protocol', 'The sound server sent too many properties.');
      const length = this.u32();
      const bytes = this.arbitrary(PROPERTY_BYTES_MAX);
      if (bytes.length !== length)
        throw new PulseError('protocol', 'The sound server sent a property of the wrong length.');
      values[key] = bytes.toString('utf8').replace(/\0+$/, '');
    }
  }

  formatInfo(): { readonly encoding: number; readonly properties: Properties } {
    this.#expect(TAG.formatInfo);
    return { encoding: this.u8(), properties: this.properties() };
  }
}
