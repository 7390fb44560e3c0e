import { createInterface } from 'node:readline';
import { connectRtmp, type RtmpClient } from '../../../electron/video/rtmp/client.ts';
import { parseVideoTag } from '../../../electron/video/rtmp/ex-video.ts';

/**
 * Players. Arguments: URL, number of players, and `stall` to stop reading when told to start. Each line on stdin ends a
 * measurement and begins the next one: `{"frames":…,"p50Ms":…,"p99Ms":…,"maxMs":…}`.
 */
const [url = '', count = '1', mode = ''] = process.argv.slice(2);
let latencies: number[] = [];
const clients: RtmpClient[] = [];
for (let index = 0; index < Number(count); index++) {
  const client = await connectRtmp({ url });
  client.onMedia(({ type, payload }) => {
    if (type !== 9 || parseVideoTag(payload)?.kind !== 'frame') return;
    const view = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
    latencies.push(Number(process.hrtime.bigint() - view.readBigUInt64BE(view.length - 8)) / 1e6);
  });
  client.onEnd((reason) => process.stderr.write(`a viewer has ended: ${reason}\n`));
  await client.play();
  clients.push(client);
}

createInterface({ input: process.stdin })
  .on('line', () => {
    const sorted = latencies.sort((a, b) => a - b);
    latencies = [];
    const at = (share: number): number =>
      sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
    process.stdout.write(
      `${JSON.stringify({ frames: sorted.length, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) })}\n`,
    );
    if (mode === 'stall') for (const client of clients) client.pauseReading();
  })
  .on('close', () => process.exit(0));
process.stdout.write(`${JSON.stringify({ playing: clients.length })}\n`);
