import { CrosspointError } from '../../contract/index.ts';

/** What AMF0 can carry here. Typed objects and ECMA arrays are read as plain objects. */
export type AmfValue =
  | number
  | boolean
  | string
  | null
  | undefined
  | Date
  | readonly AmfValue[]
  | { readonly [key: string]: AmfValue };
export type AmfObject = Readonly<Record<string, AmfValue>>;

const NUMBER = 0x00;
const BOOLEAN = 0x01;
const STRING = 0x02;
const OBJECT = 0x03;
const NULL = 0x05;
const UNDEFINED = 0x06;
const ECMA_ARRAY = 0x08;
const OBJECT_END = 0x09;
const STRICT_ARRAY = 0x0a;
const DATE = 0x0b;
const LONG_STRING = 0x0c;
const UNSUPPORTED = 0x0d;
const XML = 0x0f;
const TYPED_OBJECT = 0x10;

/** Deeper or larger than anything that a client means: a message of one byte markers must not cost us megabytes. */
const MAX_DEPTH = 32;
const MAX_VALUES = 65_536;

const malformed = (why: string): CrosspointError =>
  new CrosspointError('bad-request', `Malformed AMF0: ${why}.`);

class Decoder {
  readonly #bytes: Buffer;
  #offset = 0;
  #values = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get done(): boolean {
    return this.#offset >= this.#bytes.length;
  }

  value(depth = 0): AmfValue {
    if (depth > MAX_DEPTH) throw malformed('nested too deeply');
    if (++this.#values > MAX_VALUES) throw malformed('too many values');
    const marker = this.#take(1).readUInt8();
    switch (marker) {
      case NUMBER:
        return this.#take(8).readDoubleBE();
      case BOOLEAN:
        return this.#take(1).readUInt8() !== 0;
      case STRING:
        return this.#string(this.#take(2).readUInt16BE());
      case LONG_STRING:
      case XML:
        return this.#string(this.#take(4).readUInt32BE());
      case OBJECT:
        return this.#object(depth);
      case TYPED_OBJECT:
        this.#take(this.#take(2).readUInt16BE());
        return this.#object(depth);
      case ECMA_ARRAY:
        // The count is only a hint, and often wrong; the end marker counts.
        this.#take(4);
        return this.#object(depth);
      case STRICT_ARRAY:
        return this.#array(depth);
      case DATE: {
        const milliseconds = this.#take(8).readDoubleBE();
        this.#take(2);
        return new Date(milliseconds);
      }
      case NULL:
        return null;
      case UNDEFINED:
      case UNSUPPORTED:
        return undefined;
      default:
        throw malformed(`marker 0x${marker.toString(16)}`);
    }
  }

  #take(sizeBytes: number): Buffer {
    const end = this.#offset + sizeBytes;
    if (end > this.#bytes.length) throw malformed('it ends too early');
    const taken = this.#bytes.subarray(this.#offset, end);
    this.#offset = end;
    return taken;
  }

  #string(sizeBytes: number): string {
    return this.#take(sizeBytes).toString('utf8');
  }

  #object(depth: number): AmfObject {
    // Without a prototype, so that no key means anything.
    const object = Object.create(null) as Record<string, AmfValue>;
    for (;;) {
      const key = this.#string(this.#take(2).readUInt16BE());
      if (key === '' && this.#bytes[this.#offset] === OBJECT_END) {
        this.#offset++;
        return object;
      }
      object[key] = this.value(depth + 1);
    }
  }

  #array(depth: number): AmfValue[] {
    const count = this.#take(4).readUInt32BE();
    if (count > this.#bytes.length - this.#offset) throw malformed('an array longer than its message');
    const array: AmfValue[] = [];
    for (let index = 0; index < count; index++) array.push(this.value(depth + 1));
    return array;
  }
}

/**
 * All values of a command or data message (AMF0 specification §2).
 * @throws CrosspointError `bad-request` when it is malformed, nested over 32 deep or has over 65536 values
 */
export function decodeAmf0(bytes: Uint8Array): AmfValue[] {
  const decoder = new Decoder(bytes);
  const values: AmfValue[] = [];
  while (!decoder.done) values.push(decoder.value());
  return values;
}

function key(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length > 0xffff) throw malformed('a key of more than 65535 bytes');
  const out = Buffer.allocUnsafe(2 + bytes.length);
  out.writeUInt16BE(bytes.length);
  bytes.copy(out, 2);
  return out;
}

function string(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  const long = bytes.length > 0xffff;
  const head = Buffer.allocUnsafe(long ? 5 : 3);
  head[0] = long ? LONG_STRING : STRING;
  if (long) head.writeUInt32BE(bytes.length, 1);
  else head.writeUInt16BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

function number(value: number): Buffer {
  const out = Buffer.allocUnsafe(9);
  out[0] = NUMBER;
  out.writeDoubleBE(value, 1);
  return out;
}

function counted(marker: number, count: number): Buffer {
  const out = Buffer.allocUnsafe(5);
  out[0] = marker;
  out.writeUInt32BE(count, 1);
  return out;
}

const entries = (object: AmfObject): Buffer[] => [
  ...Object.entries(object).flatMap(([name, value]) => [key(name), encodeValue(value)]),
  Buffer.of(0, 0, OBJECT_END),
];

function encodeValue(value: AmfValue): Buffer {
  if (value === null) return Buffer.of(NULL);
  if (value === undefined) return Buffer.of(UNDEFINED);
  if (typeof value === 'number') return number(value);
  if (typeof value === 'boolean') return Buffer.of(BOOLEAN, value ? 1 : 0);
  if (typeof value === 'string') return string(value);
  if (value instanceof Date) {
    const out = Buffer.alloc(11);
    out[0] = DATE;
    out.writeDoubleBE(value.getTime(), 1);
    return out;
  }
  if (isArray(value)) return Buffer.concat([counted(STRICT_ARRAY, value.length), ...value.map(encodeValue)]);
  return Buffer.concat([Buffer.of(OBJECT), ...entries(value)]);
}

const isArray = (value: AmfValue): value is readonly AmfValue[] => Array.isArray(value);

/** The body of a command or data message. */
export const encodeAmf0 = (...values: readonly AmfValue[]): Buffer => Buffer.concat(values.map(encodeValue));

/** The body of an `onMetaData` message: players expect its properties as an ECMA array. */
export const encodeMetaData = (properties: AmfObject): Buffer =>
  Buffer.concat([
    string('onMetaData'),
    counted(ECMA_ARRAY, Object.keys(properties).length),
    ...entries(properties),
  ]);
