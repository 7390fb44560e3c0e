import { chmod } from 'node:fs/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { silentLogger } from '../../../electron/base/logger.ts';
import { Supervisor } from '../../../electron/engine/supervisor.ts';
import { findFfmpeg } from '../../../electron/video/ffmpeg.ts';
import { type VideoDesired } from '../../../electron/video/plane.ts';
import { createVideoPlane } from '../../../electron/video/video-plane.ts';

/**
 * The video plane in a process of its own. Argument: `cameras`, when the cameras are those of `camera.mjs`. Prints
 * `{"port":…}`. Each line on stdin is `{"desired":…}`, answered by `{}` once it is applied, or `{}`, answered by
 * `{"cpuSeconds":…,"rssMb":…,"loopP99Ms":…}` since the last one.
 */
const camera = fileURLToPath(new URL('camera.mjs', import.meta.url));
const withCameras = process.argv[2] === 'cameras';
if (withCameras) await chmod(camera, 0o755);
const children = new Supervisor(silentLogger);
const plane = createVideoPlane({
  log: silentLogger,
  children,
  rtmp: { host: '127.0.0.1', port: 0 },
  slatesDir: fileURLToPath(new URL('../../../assets/slates', import.meta.url)),
  findFfmpeg: async () => {
    const ffmpeg = await findFfmpeg();
    return withCameras ? { ...ffmpeg, path: camera } : ffmpeg;
  },
});
const { port } = await plane.start();
const loop = monitorEventLoopDelay({ resolution: 5 });
loop.enable();
let usage = process.cpuUsage();

const say = (answer: unknown): void => void process.stdout.write(`${JSON.stringify(answer)}\n`);
createInterface({ input: process.stdin })
  .on('line', (line) => {
    const { desired } = JSON.parse(line) as { desired?: VideoDesired };
    if (desired) {
      plane.apply(desired);
      say({});
      return;
    }
    const { user, system } = process.cpuUsage(usage);
    usage = process.cpuUsage();
    say({
      cpuSeconds: (user + system) / 1e6,
      rssMb: process.memoryUsage.rss() / 2 ** 20,
      loopP99Ms: loop.percentile(99) / 1e6 - 5,
    });
    loop.reset();
  })
  .on('close', () => {
    void (async () => {
      await plane.dispose();
      await children.dispose();
      process.exit(0);
    })();
  });
say({ port });
