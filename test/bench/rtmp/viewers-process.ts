import { createInterface } from 'node:readline';
import { connectRtmp, type RtmpClient } from '../../../electron/video/rtmp/client.ts';
import { parseVideoTag } from '../../../electron/video/rtmp/ex-video.ts';
import { quantile } from '../support/figures.ts';

/** Older than this, a message was not sent for the present. */
const OLD_MS = 500;

/**
 * Players. Arguments: URL, number of players, and `stall` to stop reading at the first line, and to go on at the second
 * one. Each line on stdin ends a measurement and begins the next one:
 * `{"frames":…,"p50Ms":…,"p99Ms":…,"maxMs":…,"oldBytes":…}`; `oldBytes` came more than half a second after it was sent.
 */
const [url = '', count = '1', mode = ''] = process.argv.slice(2);
let latencies: number[] = [];
let oldBytes = 0;
let stalled = false;
const clients: RtmpClient[] = [];
for (let index = 0; index < Number(count); index++) {
  const client = await connectRtmp({ url });
  client.onMedia(({ type, payload }) => {
    if (type !== 9 || parseVideoTag(payload)?.kind !== 'frame') return;
    const view = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
    const latencyMs = Number(process.hrtime.bigint() - view.readBigUInt64BE(view.length - 8)) / 1e6;
    latencies.push(latencyMs);
    if (latencyMs > OLD_MS) oldBytes += payload.length;
  });
  client.onEnd((reason) => process.stderr.write(`a viewer has ended: ${reason}\n`));
  await client.play();
  clients.push(client);
}

createInterface({ input: process.stdin })
  .on('line', () => {
    const figures = {
      frames: latencies.length,
      p50Ms: quantile(latencies, 0.5),
      p99Ms: quantile(latencies, 0.99),
      maxMs: quantile(latencies, 1),
      oldBytes,
    };
    latencies = [];
    oldBytes = 0;
    process.stdout.write(`${JSON.stringify(figures)}\n`);
    if (mode !== 'stall') return;
    stalled = !stalled;
    for (const client of clients)
      if (stalled) client.pauseReading();
      else client.resumeReading();
  })
  .on('close', () => process.exit(0));
process.stdout.write(`${JSON.stringify({ playing: clients.length })}\n`);
