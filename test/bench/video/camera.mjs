#!/usr/bin/env node
// A camera for measurements, in the place of ffmpeg: 1280x720 JPEGs of exactly CROSSPOINT_BENCH_BYTES, 30 a second, each
// with a comment that tells when it was written and by which camera. Its picture is the file CROSSPOINT_BENCH_JPEG.
import { readFileSync, writeSync } from 'node:fs';

const BYTES = Number(process.env.CROSSPOINT_BENCH_BYTES);
const COMMENT = 0xfe;
const MAX_SEGMENT = 65_533;

/** Start of the picture, a comment for the stamp, comments that fill it up, the rest of the picture. */
function makeFrame() {
  const picture = readFileSync(process.env.CROSSPOINT_BENCH_JPEG ?? '');
  const parts = [picture.subarray(0, 2), Buffer.from([0xff, COMMENT, 0, 18, ...Buffer.alloc(16)])];
  for (let missing = BYTES - picture.length - 20; missing > 4;) {
    const size = Math.min(missing - 2, MAX_SEGMENT);
    const segment = Buffer.alloc(size + 2, 0x20);
    segment.set([0xff, COMMENT, size >> 8, size & 0xff]);
    parts.push(segment);
    missing -= segment.length;
  }
  return Buffer.concat([...parts, picture.subarray(2)]);
}

const STAMP_AT = 6;
const device = process.argv[process.argv.indexOf('-i') + 1] ?? '';
const camera = Number(/(\d+)$/.exec(device)?.[1] ?? 0);
const frame = makeFrame();
const head = Buffer.from(`--frame\r\nContent-type: image/jpeg\r\nContent-length: ${frame.length}\r\n\r\n`);
const tail = Buffer.from('\r\n');
const message = Buffer.concat([head, frame, tail]);
message.writeUInt32BE(camera, head.length + STAMP_AT + 8);

function writeAll() {
  message.writeBigUInt64BE(process.hrtime.bigint(), head.length + STAMP_AT);
  for (let at = 0; at < message.length;)
    try {
      at += writeSync(1, message, at);
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EAGAIN') process.exit(0);
    }
}

const began = performance.now();
let count = 0;
function tick() {
  writeAll();
  count++;
  setTimeout(tick, Math.max(0, began + (count * 1000) / 30 - performance.now()));
}
tick();
