import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** A JPEG of exactly that size, made by ffmpeg. */
export async function jpegOf(width: number, height: number, filter = 'testsrc2'): Promise<Buffer> {
  const source = filter.includes('=') ? `${filter}:s=${width}x${height}` : `${filter}=s=${width}x${height}`;
  const child = spawn('ffmpeg', [
    ...['-hide_banner', '-loglevel', 'error', '-f', 'lavfi', '-i', source, '-frames:v', '1'],
    ...['-pix_fmt', 'yuvj420p', '-q:v', '4', '-f', 'image2', '-c:v', 'mjpeg', '-'],
  ]);
  const parts: Buffer[] = [];
  child.stdout.on('data', (part: Buffer) => parts.push(part));
  await once(child, 'close');
  return Buffer.concat(parts);
}

/** This machine's wall clock in nanoseconds. */
export const wallClockNs = (): bigint =>
  BigInt(Math.round((performance.timeOrigin + performance.now()) * 1e6));

function fnv1a(bytes: Uint8Array): number {
  let hash = 2166136261;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 16777619);
  return hash >>> 0;
}

const HEAD_BYTES = 34;
const LONGEST_COMMENT = 65_000;

/** Comment segments that make up `bytes` (at least 4) of a JPEG. */
function padding(bytes: number, fill: number): Buffer[] {
  const parts: Buffer[] = [];
  for (let left = bytes; left >= 4;) {
    let size = Math.min(left, LONGEST_COMMENT);
    if (left - size > 0 && left - size < 4) size -= 4;
    const part = Buffer.alloc(size, fill & 0x7f);
    part.writeUInt16BE(0xfffe, 0);
    part.writeUInt16BE(size - 2, 2);
    parts.push(part);
    left -= size;
  }
  return parts;
}

/**
 * The picture with a mark that test/virtual-pi/client/uvc-client.c reads: number, source, time of making and a checksum;
 * and, by comment segments, of about `sizeBytes`.
 */
export function numbered(jpeg: Buffer, number: number, source: number, sizeBytes: number): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  const whole = Buffer.concat([
    head,
    ...padding(sizeBytes - HEAD_BYTES - jpeg.length + 2, number),
    jpeg.subarray(2),
  ]);
  whole.writeUInt16BE(0xffd8, 0);
  whole.writeUInt16BE(0xfffe, 2);
  whole.writeUInt16BE(HEAD_BYTES - 4, 4);
  whole.write('VPI1', 6, 'latin1');
  whole.writeUInt32LE(number, 10);
  whole.writeUInt32LE(whole.length, 14);
  whole.writeUInt32LE(source, 30);
  whole.writeUInt32LE(fnv1a(whole.subarray(30)), 26);
  whole.writeBigUInt64LE(wallClockNs(), 18);
  return whole;
}
