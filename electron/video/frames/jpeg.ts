/** What a JPEG's segments tell before its picture begins (ITU-T T.81, annex B). */
export interface JpegHead {
  readonly width: number;
  readonly height: number;
  /** It carries its Huffman tables; many cameras leave them out, and browsers then refuse it. */
  readonly hasTables: boolean;
}

const SOI = 0xd8;
const SOS = 0xda;
const DHT = 0xc4;
/** Start of frame: baseline, extended, progressive. */
const SOF = new Set([0xc0, 0xc1, 0xc2]);

/** Undefined when it is not a JPEG, or cut short. */
export function readJpegHead(jpeg: Uint8Array): JpegHead | undefined {
  if (jpeg[0] !== 0xff || jpeg[1] !== SOI) return undefined;
  let size: { width: number; height: number } | undefined;
  let hasTables = false;
  for (let at = 2; at + 4 <= jpeg.length;) {
    const marker = jpeg[at + 1] ?? 0;
    if (jpeg[at] !== 0xff) return undefined;
    if (marker === SOS) return size && { ...size, hasTables };
    if (marker === DHT) hasTables = true;
    if (SOF.has(marker)) size = { height: u16(jpeg, at + 5), width: u16(jpeg, at + 7) };
    at += 2 + u16(jpeg, at + 2);
  }
  return undefined;
}

const u16 = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);

/** Codes of each length, and the values in their order: tables K.3 to K.6 of T.81, which every MJPEG decoder assumes. */
const STANDARD: readonly (readonly [id: number, lengths: readonly number[], values: string])[] = [
  [0x00, [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0], '000102030405060708090a0b'],
  [0x01, [0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0], '000102030405060708090a0b'],
  [
    0x10,
    [0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125],
    '01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282090a161718191a25262728292a3435' +
      '363738393a434445464748494a535455565758595a636465666768696a737475767778797a838485868788898a92939495969798' +
      '999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4' +
      'f5f6f7f8f9fa',
  ],
  [
    0x11,
    [0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 119],
    '000102031104052131061241510761711322328108144291a1b1c109233352f0156272d10a162434e125f11718191a262728292a' +
      '35363738393a434445464748494a535455565758595a636465666768696a737475767778797a82838485868788898a9293949596' +
      '9798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae2e3e4e5e6e7e8e9eaf2f3f4' +
      'f5f6f7f8f9fa',
  ],
];

const STANDARD_TABLES: Buffer = ((): Buffer => {
  const body = Buffer.concat(
    STANDARD.map(([id, lengths, values]) =>
      Buffer.concat([Buffer.of(id), Buffer.from(lengths), Buffer.from(values, 'hex')]),
    ),
  );
  const head = Buffer.of(0xff, DHT, 0, 0);
  head.writeUInt16BE(body.length + 2, 2);
  return Buffer.concat([head, body]);
})();

/** The pieces of the same picture with the tables that its camera left out, right behind its start. */
export function withTables(pieces: readonly Uint8Array[]): Uint8Array[] {
  const [first, ...others] = pieces;
  // Its start, two bytes, may be cut.
  if (!first || first.length < 2) return withTables([Buffer.concat(pieces)]);
  return [first.subarray(0, 2), STANDARD_TABLES, first.subarray(2), ...others];
}
