import { chmod } from 'node:fs/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { silentLogger } from '../../../electron/base/logger.ts';
import { Supervisor } from '../../../electron/engine/supervisor.ts';
import { findFfmpeg } from '../../../electron/video/ffmpeg.ts';
import { type VideoDesired } from '../../../electron/video/plane.ts';
import { createVideoPlane } from '../../../electron/video/video-plane.ts';

/**
 * The video plane in a process of its own, run in this directory. Arguments: `cameras`, when the cameras are those of
 * `camera.mjs`, or `ingests`; the port, any when it is left out. Prints `{"port":…}`. Each line on stdin is
 * `{"desired":…}`, answered by `{}` once it is applied, or `{}`, answered by
 * `{"cpuSeconds":…,"rssMb":…,"loopP99Ms":…}` since the last one.
 */
const camera = path.resolve('camera.mjs');
const [what, port = '0'] = process.argv.slice(2);
const withCameras = what === 'cameras';
if (withCameras) await chmod(camera, 0o755);
const children = new Supervisor(silentLogger);
const plane = createVideoPlane({
  log: silentLogger,
  children,
  rtmp: { host: '127.0.0.1', port: Number(port) },
  slatesDir: path.resolve('../../../assets/slates'),
  findFfmpeg: async () => {
    const ffmpeg = await findFfmpeg();
    return withCameras ? { ...ffmpeg, path: camera } : ffmpeg;
  },
});
const address = await plane.start();
const loop = monitorEventLoopDelay({ resolution: 5 });
if (withCameras) loop.enable();
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
say({ port: address.port });
