import { type FastifyInstance, type FastifyReply } from 'fastify';
import { z } from 'zod';
import { CrosspointError } from '../contract/index.ts';
import { type EnginePort } from '../engine/port.ts';
import { type RemoteLimits } from './limits.ts';

/** How long a picture may take when the source has to be started first. */
const FIRST_PICTURE_MS = 5000;
const BOUNDARY = 'crosspoint-frame';
/** A viewer that lets this much wait misses pictures until it has caught up. */
const BUSY_BYTES = 512 * 1024;

const Query = z.object({
  width: z.coerce.number().int().min(16).max(3840).optional(),
  fps: z.coerce.number().min(0.1).max(60).optional(),
});
const Params = z.object({ file: z.string().max(200) });

/** `GET /api/video/<id>.jpg` (newest picture) and `.mjpg` (multipart stream; 320 wide at 5 fps unless asked otherwise). */
export function videoRoutes(app: FastifyInstance, engine: EnginePort, limits: RemoteLimits): void {
  app.get('/api/video/:file', async (request, reply) => {
    const { file } = Params.parse(request.params);
    const match = /^(.+)\.(m?jpg)$/.exec(file);
    if (!match?.[1])
      throw new CrosspointError('not-found', `There is no picture "${file}".`, {
        hint: 'Ask for <id>.jpg or <id>.mjpg.',
      });
    const query = Query.safeParse(request.query);
    if (!query.success)
      throw new CrosspointError('bad-request', 'width is 16 to 3840 pixels, fps 0.1 to 60.', {
        path: String(query.error.issues[0]?.path[0] ?? ''),
      });
    const id = match[1] as Parameters<EnginePort['follow']>[0];
    if (match[2] === 'jpg') {
      const jpeg = await firstPicture(engine, id, query.data.width);
      return reply.type('image/jpeg').header('cache-control', 'no-store').send(jpeg);
    }
    const wish = { width: query.data.width ?? 320, fps: query.data.fps ?? 5 };
    stream(engine, id, { ...wish, stalledMs: limits.viewerStalledMs }, reply);
    return reply;
  });
}

type VideoId = Parameters<EnginePort['follow']>[0];

function firstPicture(engine: EnginePort, id: VideoId, width: number | undefined): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      void picture.dispose();
      reject(new CrosspointError('timeout', `${id} gave no picture within ${FIRST_PICTURE_MS / 1000} s.`));
    }, FIRST_PICTURE_MS);
    const picture = engine.follow(id, width === undefined ? {} : { width }, (jpeg) => {
      clearTimeout(timer);
      resolve(Buffer.from(jpeg));
      // The first one may come before `follow` has returned.
      queueMicrotask(() => void picture.dispose());
    });
  });
}

function stream(
  engine: EnginePort,
  id: VideoId,
  { stalledMs, ...options }: { width: number; fps: number; stalledMs: number },
  reply: FastifyReply,
): void {
  const response = reply.raw;
  let started = false;
  let tookMs = 0;
  const picture = engine.follow(id, options, (jpeg) => {
    if (!started) {
      started = true;
      reply.hijack();
      response.writeHead(200, {
        'content-type': `multipart/x-mixed-replace; boundary=${BOUNDARY}`,
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
      });
    }
    const nowMs = performance.now();
    if (response.writableLength <= BUSY_BYTES) tookMs = nowMs;
    else {
      if (nowMs - tookMs > stalledMs) response.destroy();
      return;
    }
    response.write(`--${BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: ${jpeg.length}\r\n\r\n`);
    response.write(Buffer.from(jpeg));
    response.write('\r\n');
  });
  response.on('close', () => void picture.dispose());
}
