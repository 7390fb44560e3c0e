/**
 * QR codes (ISO/IEC 18004) as far as addresses need them: bytes, error correction level M, versions 1 to 10
 * (up to 213 bytes).
 */

/** By version: error correction codewords per block, then blocks as [count, data codewords]. */
const BLOCKS: readonly (readonly [number, ...(readonly [number, number])[]])[] = [
  [10, [1, 16]],
  [16, [1, 28]],
  [26, [1, 44]],
  [18, [2, 32]],
  [24, [2, 43]],
  [16, [4, 27]],
  [18, [4, 31]],
  [22, [2, 38], [2, 39]],
  [22, [3, 36], [2, 37]],
  [26, [4, 43], [1, 44]],
];
/** By version: centres of the alignment patterns. */
const ALIGNMENT: readonly (readonly number[])[] = [
  [],
  [6, 18],
  [6, 22],
  [6, 26],
  [6, 30],
  [6, 34],
  [6, 22, 38],
  [6, 24, 42],
  [6, 26, 46],
  [6, 28, 50],
];
const BYTE_MODE = 0b0100;
const LEVEL_M = 0b00;
const PADDING = [0xec, 0x11] as const;

const MASKS: readonly ((row: number, column: number) => boolean)[] = [
  (r, c) => (r + c) % 2 === 0,
  (r) => r % 2 === 0,
  (_r, c) => c % 3 === 0,
  (r, c) => (r + c) % 3 === 0,
  (r, c) => (Math.floor(r / 2) + Math.floor(c / 3)) % 2 === 0,
  (r, c) => ((r * c) % 2) + ((r * c) % 3) === 0,
  (r, c) => (((r * c) % 2) + ((r * c) % 3)) % 2 === 0,
  (r, c) => (((r + c) % 2) + ((r * c) % 3)) % 2 === 0,
];

/** Product in GF(256) with the polynomial 0x11d. */
function multiply(a: number, b: number): number {
  let product = 0;
  for (let bit = 7; bit >= 0; bit--) {
    product = (product << 1) ^ ((product >>> 7) * 0x11d);
    product ^= ((b >>> bit) & 1) * a;
  }
  return product;
}

function generator(degree: number): number[] {
  let polynomial = [1];
  let root = 1;
  for (let i = 0; i < degree; i++) {
    const next = [...polynomial, 0];
    polynomial.forEach((coefficient, j) => {
      next[j + 1] = (next[j + 1] ?? 0) ^ multiply(coefficient, root);
    });
    polynomial = next;
    root = multiply(root, 2);
  }
  return polynomial;
}

function correction(data: readonly number[], degree: number): number[] {
  const divisor = generator(degree);
  const rest = [...data, ...new Array<number>(degree).fill(0)];
  for (let i = 0; i < data.length; i++) {
    const factor = rest[i] ?? 0;
    divisor.forEach((coefficient, j) => {
      rest[i + j] = (rest[i + j] ?? 0) ^ multiply(coefficient, factor);
    });
  }
  return rest.slice(data.length);
}

const dataSize = (version: number): number =>
  (BLOCKS[version - 1] ?? [0])
    .slice(1)
    .reduce<number>(
      (sum, block) => sum + (block as readonly [number, number])[0] * (block as readonly [number, number])[1],
      0,
    );

const countBits = (version: number): number => (version < 10 ? 8 : 16);

/** Header, bytes and padding as codewords. */
function payload(bytes: Uint8Array, version: number): number[] {
  const bits: number[] = [];
  const push = (value: number, length: number): void => {
    for (let i = length - 1; i >= 0; i--) bits.push((value >>> i) & 1);
  };
  const size = dataSize(version);
  push(BYTE_MODE, 4);
  push(bytes.length, countBits(version));
  for (const byte of bytes) push(byte, 8);
  push(0, Math.min(4, size * 8 - bits.length));
  push(0, (8 - (bits.length % 8)) % 8);
  const words: number[] = [];
  for (let i = 0; i < bits.length; i += 8) words.push(parseInt(bits.slice(i, i + 8).join(''), 2));
  for (let i = 0; words.length < size; i++) words.push(PADDING[i % 2 === 0 ? 0 : 1]);
  return words;
}

/** Data and correction codewords of all blocks, interleaved. */
function codewords(bytes: Uint8Array, version: number): number[] {
  const [degree, ...groups] = BLOCKS[version - 1] ?? [0];
  const words = payload(bytes, version);
  const blocks: number[][] = [];
  let at = 0;
  for (const [count, length] of groups)
    for (let i = 0; i < count; i++) blocks.push(words.slice(at, (at += length)));
  const longest = Math.max(...blocks.map(({ length }) => length));
  const corrections = blocks.map((block) => correction(block, degree));
  const result: number[] = [];
  for (let i = 0; i < longest; i++)
    for (const block of blocks) if (i < block.length) result.push(block[i] ?? 0);
  for (let i = 0; i < degree; i++) for (const block of corrections) result.push(block[i] ?? 0);
  return result;
}

/** Remainder of a BCH code, appended to the value. */
function bch(value: number, bits: number, divisor: number): number {
  const length = Math.floor(Math.log2(divisor));
  let rest = value << length;
  for (let i = bits - 1; i >= 0; i--) if ((rest >>> (i + length)) & 1) rest ^= divisor << i;
  return (value << length) | rest;
}

/** Modules of a code: dark or light, and whether it belongs to the fixed patterns. */
class Field {
  readonly size: number;
  readonly #dark: boolean[][];
  readonly #fixed: boolean[][];

  constructor(size: number) {
    this.size = size;
    this.#dark = Array.from({ length: size }, () => new Array<boolean>(size).fill(false));
    this.#fixed = Array.from({ length: size }, () => new Array<boolean>(size).fill(false));
  }

  dark = (row: number, column: number): boolean => this.#dark[row]?.[column] ?? false;
  fixed = (row: number, column: number): boolean => this.#fixed[row]?.[column] ?? true;

  set(row: number, column: number, dark: boolean, fixed: boolean): void {
    const line = this.#dark[row];
    const marks = this.#fixed[row];
    if (!line || !marks || column < 0 || column >= this.size) return;
    line[column] = dark;
    if (fixed) marks[column] = true;
  }

  rows(): readonly (readonly boolean[])[] {
    return this.#dark;
  }
}

function drawPatterns(field: Field, version: number): void {
  const { size } = field;
  for (const [row, column] of [
    [3, 3],
    [3, size - 4],
    [size - 4, 3],
  ] as const)
    for (let r = -4; r <= 4; r++)
      for (let c = -4; c <= 4; c++) {
        const ring = Math.max(Math.abs(r), Math.abs(c));
        if (row + r >= 0 && row + r < size) field.set(row + r, column + c, ring !== 2 && ring !== 4, true);
      }
  for (let i = 8; i < size - 8; i++) {
    field.set(6, i, i % 2 === 0, true);
    field.set(i, 6, i % 2 === 0, true);
  }
  const centres = ALIGNMENT[version - 1] ?? [];
  for (const row of centres)
    for (const column of centres) {
      const atFinder =
        (row === 6 && column === 6) ||
        (row === 6 && column === size - 7) ||
        (row === size - 7 && column === 6);
      if (atFinder) continue;
      for (let r = -2; r <= 2; r++)
        for (let c = -2; c <= 2; c++)
          field.set(row + r, column + c, Math.max(Math.abs(r), Math.abs(c)) !== 1, true);
    }
  if (version < 7) return;
  const info = bch(version, 6, 0x1f25);
  for (let i = 0; i < 18; i++) {
    const dark = ((info >>> i) & 1) === 1;
    const far = size - 11 + (i % 3);
    const near = Math.floor(i / 3);
    field.set(far, near, dark, true);
    field.set(near, far, dark, true);
  }
}

function drawFormat(field: Field, mask: number): void {
  const { size } = field;
  const info = bch((LEVEL_M << 3) | mask, 5, 0x537) ^ 0x5412;
  const bit = (i: number): boolean => ((info >>> i) & 1) === 1;
  for (let i = 0; i < 15; i++) {
    // Beside the upper left finder, stepping over the timing lines.
    if (i < 6) field.set(i, 8, bit(i), true);
    else if (i < 8) field.set(i + 1, 8, bit(i), true);
    else if (i === 8) field.set(8, 7, bit(i), true);
    else field.set(8, 14 - i, bit(i), true);
    // And once more beside the other two.
    if (i < 8) field.set(8, size - 1 - i, bit(i), true);
    else field.set(size - 15 + i, 8, bit(i), true);
  }
  field.set(size - 8, 8, true, true);
}

function drawData(field: Field, words: readonly number[], mask: number): void {
  const { size } = field;
  const masked = MASKS[mask] ?? (() => false);
  let index = 0;
  for (let right = size - 1; right >= 1; right -= 2) {
    if (right === 6) right = 5;
    const upward = ((right + 1) & 2) === 0;
    for (let step = 0; step < size; step++) {
      const row = upward ? size - 1 - step : step;
      for (const column of [right, right - 1]) {
        if (field.fixed(row, column)) continue;
        const dark =
          index < words.length * 8 && (((words[index >>> 3] ?? 0) >>> (7 - (index & 7))) & 1) === 1;
        field.set(row, column, dark !== masked(row, column), false);
        index++;
      }
    }
  }
}

/** How hard a code is to read: long runs, blocks, false finders, too dark or too light. */
function penalty(field: Field): number {
  const { size } = field;
  let sum = 0;
  let dark = 0;
  for (let i = 0; i < size; i++)
    for (const along of [(j: number) => field.dark(i, j), (j: number) => field.dark(j, i)]) {
      let line = '';
      for (let j = 0; j < size; j++) line += along(j) ? '1' : '0';
      for (const run of line.match(/0{5,}|1{5,}/g) ?? []) sum += run.length - 2;
      sum +=
        40 * ((line.match(/(?=00001011101)/g)?.length ?? 0) + (line.match(/(?=10111010000)/g)?.length ?? 0));
    }
  for (let r = 0; r < size; r++)
    for (let c = 0; c < size; c++) {
      const here = field.dark(r, c);
      if (here) dark++;
      const square = r + 1 < size && c + 1 < size;
      if (
        square &&
        [field.dark(r + 1, c), field.dark(r, c + 1), field.dark(r + 1, c + 1)].every((d) => d === here)
      )
        sum += 3;
    }
  return sum + 10 * Math.floor(Math.abs((dark * 100) / (size * size) - 50) / 5);
}

/** The modules of a code, row by row, true is dark; null when the text is too long. */
export function qrCode(text: string): readonly (readonly boolean[])[] | null {
  const bytes = new TextEncoder().encode(text);
  const version =
    BLOCKS.findIndex((_, i) => 4 + countBits(i + 1) + bytes.length * 8 <= dataSize(i + 1) * 8) + 1;
  if (version === 0) return null;
  const words = codewords(bytes, version);
  const fields = MASKS.map((_, mask) => {
    const field = new Field(17 + 4 * version);
    drawPatterns(field, version);
    drawFormat(field, mask);
    drawData(field, words, mask);
    return field;
  });
  const best = fields.reduce((a, b) => (penalty(b) < penalty(a) ? b : a));
  return best.rows();
}
