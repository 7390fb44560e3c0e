/** What a message carries. Integers beyond 32 bits are bigints; `null` is N, `Infinity` is I. */
export type OscValue = number | bigint | string | boolean | null | Uint8Array;

export interface OscMessage {
  readonly address: string;
  readonly args: readonly OscValue[];
}

/** Why a packet is none. */
export class OscError extends Error {}

const MAX_DEPTH = 8;
const MAX_MESSAGES = 1000;
const MAX_ARGS = 256;

const BUNDLE = '#bundle';
/** "Immediately": the time tag that everybody understands (OSC 1.0, "OSC Time Tags"). */
const AT_ONCE = 1n;

/** Reads what is aligned to four bytes, and nothing beyond the end. */
class Reader {
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  take(count: number): number {
    if (count > this.left) throw new OscError('it ends too early');
    const at = this.#at;
    this.#at += count;
    return at;
  }

  bytes(count: number): Uint8Array {
    const at = this.take(count);
    return this.#bytes.subarray(at, at + count);
  }

  /** Ends with a zero, and is filled with zeros up to four bytes. */
  text(): string {
    const end = this.#bytes.indexOf(0, this.#at);
    if (end < 0) throw new OscError('a text does not end');
    const length = end - this.#at;
    return Buffer.from(this.bytes(padded(length + 1)).subarray(0, length)).toString('utf8');
  }

  int32 = (): number => this.#view.getInt32(this.take(4));
  uint32 = (): number => this.#view.getUint32(this.take(4));
  int64 = (): bigint => this.#view.getBigInt64(this.take(8));
  uint64 = (): bigint => this.#view.getBigUint64(this.take(8));
  float = (): number => this.#view.getFloat32(this.take(4));
  double = (): number => this.#view.getFloat64(this.take(8));

  blob(): Uint8Array {
    const length = this.uint32();
    return this.bytes(padded(length)).slice(0, length);
  }
}

const padded = (length: number): number => Math.ceil(length / 4) * 4;

function readValue(type: string, reader: Reader): OscValue {
  switch (type) {
    case 'i':
    case 'r':
    case 'm':
      return reader.int32();
    case 'c':
      return String.fromCodePoint(Math.min(reader.uint32(), 0x10ffff));
    case 'f':
      return reader.float();
    case 'd':
      return reader.double();
    case 'h':
      return reader.int64();
    case 't':
      return reader.uint64();
    case 's':
    case 'S':
      return reader.text();
    case 'b':
      return reader.blob();
    case 'T':
      return true;
    case 'F':
      return false;
    case 'N':
      return null;
    case 'I':
      return Infinity;
    default:
      throw new OscError(`there is no type "${type}"`);
  }
}

function readMessage(reader: Reader): OscMessage {
  const address = reader.text();
  if (!address.startsWith('/')) throw new OscError('an address begins with "/"');
  // "Some older implementations of OSC may omit the OSC Type Tag string": then there is nothing that could be read.
  if (reader.left === 0) return { address, args: [] };
  const types = reader.text();
  if (!types.startsWith(',')) throw new OscError('types begin with ","');
  // Brackets only group; what is within them counts.
  const tags = types
    .slice(1)
    .split('')
    .filter((tag) => tag !== '[' && tag !== ']');
  if (tags.length > MAX_ARGS) throw new OscError('it has too many arguments');
  return { address, args: tags.map((tag) => readValue(tag, reader)) };
}

function readElement(bytes: Uint8Array, depth: number, messages: OscMessage[]): void {
  if (bytes.length === 0 || bytes.length % 4 !== 0) throw new OscError('its size is no multiple of four');
  const reader = new Reader(bytes);
  if (bytes[0] !== 0x23) {
    if (messages.length >= MAX_MESSAGES) throw new OscError('it has too many messages');
    messages.push(readMessage(reader));
    return;
  }
  if (depth >= MAX_DEPTH) throw new OscError('its bundles are too deep');
  if (reader.text() !== BUNDLE) throw new OscError('this is no bundle');
  reader.uint64();
  while (reader.left > 0) readElement(reader.bytes(reader.uint32()), depth + 1, messages);
}

/**
 * The messages of a packet, in their order; of bundles too, whose time tags are not waited for. OpenSoundControl 1.0,
 * with the types that later versions and common programs add (T F N I S c r m d h t [ ]).
 * @throws OscError
 */
export function parsePacket(bytes: Uint8Array): OscMessage[] {
  const messages: OscMessage[] = [];
  readElement(bytes, 0, messages);
  return messages;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value.replace(/\0[^]*$/, ''), 'utf8');
  const filled = Buffer.alloc(padded(bytes.length + 1));
  bytes.copy(filled);
  return filled;
}

function number(size: 4 | 8, write: (buffer: Buffer) => void): Buffer {
  const buffer = Buffer.alloc(size);
  write(buffer);
  return buffer;
}

function encodeValue(value: OscValue): readonly [tag: string, bytes: Buffer] {
  if (value === null) return ['N', Buffer.alloc(0)];
  if (value === Infinity) return ['I', Buffer.alloc(0)];
  if (typeof value === 'boolean') return [value ? 'T' : 'F', Buffer.alloc(0)];
  if (typeof value === 'string') return ['s', text(value)];
  if (typeof value === 'bigint')
    return ['h', number(8, (buffer) => buffer.writeBigInt64BE(BigInt.asIntN(64, value)))];
  if (typeof value === 'number')
    return Number.isInteger(value) && Math.abs(value) < 2 ** 31 && !Object.is(value, -0)
      ? ['i', number(4, (buffer) => buffer.writeInt32BE(value))]
      : ['f', number(4, (buffer) => buffer.writeFloatBE(value))];
  const length = number(4, (buffer) => buffer.writeUInt32BE(value.length));
  return ['b', Buffer.concat([length, value, Buffer.alloc(padded(value.length) - value.length)])];
}

/** A float even where the number is whole: what surfaces expect of a fader. */
export class Float {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** Whole numbers become `i`, others and `Float`s `f`. */
export function encodeMessage(address: string, args: readonly (OscValue | Float)[]): Buffer {
  const values = args.map((value) =>
    value instanceof Float
      ? (['f', number(4, (buffer) => buffer.writeFloatBE(value.value))] as const)
      : encodeValue(value),
  );
  const tags = values.map(([tag]) => tag).join('');
  return Buffer.concat([text(address), text(`,${tags}`), ...values.map(([, bytes]) => bytes)]);
}

/** Several packets as one, to be carried out at once. */
export function encodeBundle(elements: readonly Uint8Array[]): Buffer {
  return Buffer.concat([
    text(BUNDLE),
    number(8, (buffer) => buffer.writeBigUInt64BE(AT_ONCE)),
    ...elements.flatMap((element) => [number(4, (buffer) => buffer.writeUInt32BE(element.length)), element]),
  ]);
}
