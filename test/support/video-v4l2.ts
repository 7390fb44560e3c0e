import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Disposable } from '../../electron/base/disposable.ts';
import { type Ffmpeg, findFfmpeg } from '../../electron/video/ffmpeg.ts';

const FIXTURES = fileURLToPath(new URL('../fixtures/v4l2', import.meta.url));

/**
 * A machine's `/dev` with cameras that are plugged in and out, a `v4l2-ctl` which answers for them what was recorded of
 * real ones, and an `ffmpeg` that can open them.
 */
export class CameraBench implements Disposable {
  readonly root = mkdtempSync(join(tmpdir(), 'crosspoint-cameras-'));
  readonly devDir = join(this.root, 'dev');
  readonly v4l2Ctl = join(this.root, 'v4l2-ctl');
  readonly #ffmpeg = join(this.root, 'ffmpeg');

  constructor() {
    mkdirSync(this.devDir);
    mkdirSync(join(this.root, 'sys'));
    writeFileSync(join(this.root, 'calls'), '');
    // -d DEVICE …: answers with the description of the node, in which values are set.
    writeFileSync(
      this.v4l2Ctl,
      `#!/bin/sh
echo "v4l2-ctl $*" >>'${this.root}/calls'
node=$(readlink -f "$2") || exit 1
[ -e "$node" ] || { echo "Cannot open device $2, exiting." >&2; exit 1; }
text='${this.root}/'$(basename "$node").txt
[ -e "$text.forbidden" ] && { echo "Failed to open $2: Permission denied" >&2; exit 1; }
if [ "$3" = --set-ctrl ]; then
  for pair in $(echo "$4" | tr , ' '); do
    grep -q "^ *\${pair%%=*} 0x" "$text" || { echo "unknown control '\${pair%%=*}'" >&2; exit 255; }
    sed -i "s/^\\( *\${pair%%=*} 0x.* value=\\)-*[0-9]*/\\1\${pair#*=}/" "$text"
  done
else cat "$text"; fi
`,
      { mode: 0o755 },
    );
    writeFileSync(
      this.#ffmpeg,
      `#!/bin/sh
case "$*" in *' v4l2 '*) ;; *) exec ffmpeg "$@" ;; esac
echo "ffmpeg $*" >>'${this.root}/calls'
size=$(echo "$*" | sed 's/.*-video_size \\([^ ]*\\).*/\\1/')
device=$(echo "$*" | sed 's/.* -i \\([^ ]*\\).*/\\1/')
[ -e '${this.root}/busy' ] && { echo "[video4linux2,v4l2 @ 0x1] ioctl(VIDIOC_STREAMON): Device or resource busy" >&2; exit 1; }
lock='${this.root}/'$(basename "$(readlink -f "$device")").open
mkdir "$lock" 2>/dev/null || { echo "[video4linux2,v4l2 @ 0x1] ioctl(VIDIOC_STREAMON): Device or resource busy" >&2; exit 1; }
trap 'rmdir "$lock"' EXIT
ffmpeg -hide_banner -loglevel info -nostdin -re -f lavfi -i "color=c=red:size=$size:rate=30" -c:v mjpeg \\
  -pix_fmt yuvj420p -flush_packets 1 -f mpjpeg pipe:1 &
child=$!
trap 'kill $child 2>/dev/null; wait $child; exit 0' TERM INT
while kill -0 $child 2>/dev/null; do
  [ -e "$device" ] || { kill $child; echo "$device: ioctl(VIDIOC_DQBUF): No such device" >&2; exit 1; }
  sleep 0.05
done
`,
      { mode: 0o755 },
    );
  }

  get finder() {
    return { devDir: this.devDir, sysDir: join(this.root, 'sys'), v4l2Ctl: this.v4l2Ctl };
  }

  /** What was called since the start, one line each. */
  get calls(): readonly string[] {
    return readFileSync(join(this.root, 'calls'), 'utf8').split('\n').filter(Boolean);
  }

  async ffmpeg(): Promise<Ffmpeg> {
    return { ...(await findFfmpeg()), path: this.#ffmpeg };
  }

  set busy(busy: boolean) {
    if (busy) writeFileSync(join(this.root, 'busy'), '');
    else rmSync(join(this.root, 'busy'), { force: true });
  }

  /** Its stable path. `link`: the name under `by-id`; null: it has none. */
  plug(node: string, fixture: string, link: string | null, directory = 'by-id'): string {
    copyFileSync(join(FIXTURES, `${fixture}.txt`), join(this.root, `${node}.txt`));
    writeFileSync(join(this.devDir, node), '');
    if (link === null) return join(this.devDir, node);
    const path = join(this.devDir, 'v4l', directory);
    mkdirSync(path, { recursive: true });
    symlinkSync(`../../${node}`, join(path, link));
    return join(path, link);
  }

  unplug(device: string): void {
    const node = join(this.devDir, readlinkName(device));
    rmSync(device, { force: true });
    rmSync(node, { force: true });
    // As udev does with the last one.
    for (const directory of ['v4l/by-id', 'v4l/by-path', 'v4l'])
      try {
        rmdirSync(join(this.devDir, directory));
      } catch {
        // Not empty, or not there.
      }
  }

  forbid(node: string, forbidden = true): void {
    const mark = join(this.root, `${node}.txt.forbidden`);
    if (forbidden) writeFileSync(mark, '');
    else if (existsSync(mark)) rmSync(mark);
  }

  note(line: string): void {
    appendFileSync(join(this.root, 'calls'), `${line}\n`);
  }

  dispose(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

const readlinkName = (device: string): string => readlinkSync(device).replace(/^.*\//, '');
