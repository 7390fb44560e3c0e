import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** A real RTMP program under test; `stop` ends it and waits. */
export interface Program {
  readonly child: ChildProcess;
  /** What it printed on stderr. */
  readonly stderr: () => string;
  readonly exited: Promise<number | null>;
  stop(): Promise<void>;
}

export function run(command: string, args: readonly string[]): Program {
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (data: Buffer) => (stderr = (stderr + data.toString()).slice(-20_000)));
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code));
  });
  return {
    child,
    stderr: () => stderr,
    exited,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'close');
    },
  };
}

/** A moving picture and a tone, in real time, with a key frame each half second. */
export const ffmpegPublish = (url: string, seconds: number, video = '320x240'): Program =>
  run('ffmpeg', [
    ...[
      '-v',
      'error',
      '-re',
      '-f',
      'lavfi',
      '-i',
      `testsrc2=s=${video}:r=30`,
      '-f',
      'lavfi',
      '-i',
      'sine=1000',
    ],
    ...['-t', `${seconds}`, '-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '15'],
    ...['-c:a', 'aac', '-f', 'flv', url],
  ]);
