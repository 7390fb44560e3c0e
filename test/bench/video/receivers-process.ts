import { createInterface } from 'node:readline';
import { connectRtmp } from '../../../electron/video/rtmp/client.ts';
import { parseMjpegFrame } from '../../../electron/video/rtmp/ex-video.ts';
import { quantile } from '../support/figures.ts';
import { cameraOf, stampOf } from './stamp.ts';

/**
 * Gadgets' stand-ins. Arguments: addresses. Each line on stdin ends a measurement and begins the next one:
 * `{"frames":…,"p50Ms":…,"p99Ms":…,"maxGapMs":…,"wrong":…}`; `wrong` counts frames of another camera than the first.
 */
let latencies: number[] = [];
let maxGapMs = 0;
let wrong = 0;
for (const url of process.argv.slice(2)) {
  const client = await connectRtmp({ url });
  let lastMs: number | undefined;
  let camera: number | undefined;
  client.onMedia(({ payload }) => {
    const jpeg = parseMjpegFrame(payload);
    if (!jpeg) return;
    const now = performance.now();
    if (lastMs !== undefined) maxGapMs = Math.max(maxGapMs, now - lastMs);
    lastMs = now;
    const stamp = stampOf(jpeg);
    if (stamp === undefined) return;
    latencies.push(Number(process.hrtime.bigint() - stamp) / 1e6);
    camera ??= cameraOf(jpeg);
    if (camera !== cameraOf(jpeg)) wrong++;
  });
  client.onEnd((reason) => process.stderr.write(`a receiver has ended: ${reason}\n`));
  await client.play();
}

createInterface({ input: process.stdin })
  .on('line', () => {
    const all = latencies;
    process.stdout.write(
      `${JSON.stringify({ frames: all.length, p50Ms: quantile(all, 0.5), p99Ms: quantile(all, 0.99), maxGapMs, wrong })}\n`,
    );
    latencies = [];
    maxGapMs = 0;
  })
  .on('close', () => process.exit(0));
process.stdout.write('{}\n');
