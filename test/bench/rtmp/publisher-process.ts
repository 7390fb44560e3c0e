import { connectRtmp } from '../../../electron/video/rtmp/client.ts';
import { readClip } from './clip.ts';

/** Publishes the clip in real time, over and over, until stdin ends. Arguments: URL, file. */
const [url = '', file = ''] = process.argv.slice(2);
const clip = await readClip(file);
const client = await connectRtmp({ url });
await client.publish();
for (const head of clip.heads) client.send({ ...head, timestampMs: 0 });

const began = performance.now();
let index = 0;
let loops = 0;
const step = (): void => {
  for (;;) {
    const message = clip.messages[index];
    if (!message) {
      index = 0;
      loops++;
      continue;
    }
    const timestampMs = loops * clip.lengthMs + message.timestampMs;
    const waitMs = began + timestampMs - performance.now();
    if (waitMs > 0.5) {
      setTimeout(step, waitMs);
      return;
    }
    // Buffer.from copies: the time is written into bytes of our own.
    const payload = Buffer.from(message.payload);
    if (message.type === 9) payload.writeBigUInt64BE(process.hrtime.bigint(), payload.length - 8);
    if (!client.send({ ...message, timestampMs, payload })) process.exit(1);
    index++;
  }
};
step();
process.stdout.write(`${JSON.stringify({ publishing: true })}\n`);
process.stdin.resume().on('end', () => process.exit(0));
