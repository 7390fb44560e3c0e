import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from './pulse-wait.ts';
import { finished, type VirtualPi } from './vpi-guest.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

async function command(program: string, args: readonly string[], deadlineMs = 120_000): Promise<string> {
  const child = spawn(program, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  const { code, stdout, stderr } = await finished(child, program, deadlineMs);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
  return stdout.trim();
}

/** Build the package for the guest; the file's content. */
export async function gadgetPackage(): Promise<Buffer> {
  const out = await mkdtemp(join(tmpdir(), 'crosspoint-deb-'));
  try {
    return await readFile(await command('native/gadget/deb.sh', ['amd64', out]));
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}

const CLIENTS = { 'uvc-client': ['-static', '-pthread'], 'audio-loop': ['-lasound', '-lm'] } as const;

/** Build the client computer's test programs and put them into the guest's /usr/local/bin. */
export async function installClients(guest: VirtualPi): Promise<void> {
  const out = await mkdtemp(join(tmpdir(), 'crosspoint-clients-'));
  try {
    for (const [name, libraries] of Object.entries(CLIENTS)) {
      const file = join(out, name);
      await command('cc', [
        ...['-std=c11', '-O2', '-Wall', '-Wextra', '-Werror', '-s', '-o', file],
        `test/virtual-pi/client/${name}.c`,
        ...libraries,
      ]);
      await guest.put(`/usr/local/bin/${name}`, await readFile(file), '755');
    }
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}

export interface GadgetSettings {
  readonly label?: string;
  readonly budget?: 'safe' | 'normal' | 'fast';
  readonly rtmp_url?: string;
  readonly pulse_server?: string;
  readonly pulse_sink?: string;
  readonly pulse_source?: string;
  readonly audio_target_ms?: number;
}

/** Install the package in a bare guest. */
export async function installPackage(guest: VirtualPi, deb: Buffer): Promise<void> {
  await guest.put('/tmp/gadget.deb', deb);
  await guest.ok('dpkg -i /tmp/gadget.deb', { deadlineMs: 120_000 });
}

/** Write the configuration as the box does, put it into effect, and wait for the client to see the gadget. */
export async function configure(
  guest: VirtualPi,
  settings: GadgetSettings,
  cookie?: Uint8Array,
): Promise<void> {
  const lines = Object.entries(settings).map(([key, value]) => `${key}=${value}\n`);
  if (cookie) {
    await guest.put('/etc/crosspoint/pulse-cookie', cookie, '640');
    lines.push('pulse_cookie=/etc/crosspoint/pulse-cookie\n');
  }
  await guest.put('/etc/crosspoint/gadget.conf', lines.join(''), '640');
  await guest.ok(
    'chgrp crosspoint /etc/crosspoint/* && systemctl start crosspoint-gadget && systemctl reload crosspoint-gadget && systemctl restart crosspoint-uvc crosspoint-video crosspoint-audio',
    { deadlineMs: 120_000 },
  );
  await clientSeesGadget(guest);
}

const FIND_CAMERA =
  'for v in /sys/class/video4linux/*; do if [ "$(readlink -f $v/device/driver | xargs -r basename)" = uvcvideo ] && [ "$(cat $v/index)" = 0 ]; then echo /dev/${v##*/}; fi; done';

/** The camera on the client's side, once it is there. */
export async function clientSeesGadget(guest: VirtualPi, deadlineMs = 60_000): Promise<string> {
  return eventually(
    'the camera on the client computer',
    async () => (await guest.run(FIND_CAMERA)).stdout.trim().split('\n')[0],
    deadlineMs,
    300,
  );
}

/** The ALSA name of the client's sound card. */
export async function clientCard(guest: VirtualPi): Promise<string> {
  return eventually(
    'the sound card on the client computer',
    async () =>
      (await guest.run('for c in /proc/asound/card[0-9]*; do [ ! -e $c/usbid ] || cat $c/id; done')).stdout
        .trim()
        .split('\n')[0],
    60_000,
    300,
  );
}

export interface Distribution {
  readonly n: number;
  readonly min: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

export interface CameraResult {
  readonly frames: number;
  readonly fps: number;
  readonly bytes: number;
  readonly numbered: number;
  readonly other: number;
  readonly errors: number;
  readonly noStart: number;
  readonly noEnd: number;
  readonly corrupt: number;
  readonly empty: number;
  readonly skipped: number;
  readonly repeated: number;
  readonly backwards: number;
  readonly lost: number;
  readonly opened: number;
  readonly failures: number;
  readonly source: number;
  /** The part of the time in which the emulated machine did not get to run: above STARVED, rates mean nothing. */
  readonly starved: number;
  readonly latencyMs: Distribution | null;
  readonly gapMs: Distribution | null;
  readonly startMs: Distribution | null;
  readonly firstFrameMs: Distribution | null;
  readonly stopMs: Distribution | null;
  readonly events: readonly ClientEvent[];
}

export interface ClientEvent {
  readonly event: string;
  readonly at: number;
  readonly value?: number;
}

/** Split a client program's lines of JSON into what happened and the summary at the end. */
export function parseClient(stdout: string): object & { readonly events: readonly ClientEvent[] } {
  const lines = stdout.trim().split('\n');
  const parsed = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as object);
  const summary = parsed.pop();
  if (!summary || 'event' in summary) throw new Error(`no summary in:\n${stdout}`);
  return { ...summary, events: parsed as ClientEvent[] };
}

/** The client's camera application, running. */
export class CameraApp {
  readonly events: ClientEvent[] = [];
  readonly #done: Promise<CameraResult>;

  constructor(guest: VirtualPi, args: string, deadlineMs: number) {
    const child = guest.spawn(`uvc-client ${args}`);
    let buffered = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      buffered += text;
      const lines = buffered.split('\n');
      buffered = lines.pop() ?? '';
      for (const line of lines)
        if (line.startsWith('{"event"')) this.events.push(JSON.parse(line) as ClientEvent);
    });
    this.#done = finished(child, `uvc-client ${args}`, deadlineMs).then(({ stdout, stderr }) => {
      try {
        return parseClient(stdout) as CameraResult;
      } catch (error) {
        throw new Error(`uvc-client ${args}: ${stderr}`, { cause: error });
      }
    });
    this.#done.catch(() => undefined);
  }

  /** How many events of this kind have come: what `saw` is to leave out, before anything is done. */
  count(event: string): number {
    return this.events.filter((e) => e.event === event).length;
  }

  /** Resolves when the next event of this kind, after `from` of them, has come. */
  async saw(event: string, from = 0, deadlineMs = 30_000): Promise<ClientEvent> {
    return eventually(
      `the client to see ${event}`,
      () => this.events.filter((e) => e.event === event)[from],
      deadlineMs,
    );
  }

  get result(): Promise<CameraResult> {
    return this.#done;
  }
}

/** The longest time without a new picture, in ms. */
export const frozenMs = ({ events }: Pick<CameraResult, 'events'>): number =>
  Math.max(0, ...events.filter((e) => e.event === 'frozen').map((e) => e.value ?? 0));

/**
 * From the last new picture to the slate, in ms, when the client was the longest without a new picture. NaN: no slate was
 * shown then. Later ones do not count: what the box makes smaller is told as a slate too.
 */
export function beforeSlateMs({ events }: Pick<CameraResult, 'events'>): number {
  const longestMs = frozenMs({ events });
  const back = events.find(({ event, value }) => event === 'frozen' && value === longestMs);
  const from = (back?.at ?? NaN) - longestMs / 1000;
  const slate = events.find(({ event, at }) => event === 'slate' && at > from && at < (back?.at ?? NaN));
  return ((slate?.at ?? NaN) - from) * 1000;
}

/** Open the camera for some seconds and look at what comes. */
export async function watchCamera(guest: VirtualPi, args: string, seconds: number): Promise<CameraResult> {
  const camera = await clientSeesGadget(guest);
  return new CameraApp(guest, `-d ${camera} -t ${seconds} ${args}`, (seconds + 60) * 1000).result;
}

/** See CameraResult.starved. */
export const STARVED = 0.04;
const ATTEMPTS = 3;

/**
 * The same, for its rates: measured again while this machine had no time for the emulated one, or `good` is not met, a few
 * times. Null: it never had enough, and nothing can be said.
 */
export async function measureCamera(
  guest: VirtualPi,
  args: string,
  seconds: number,
  good: (seen: CameraResult) => boolean,
): Promise<CameraResult | null> {
  let last: CameraResult | null = null;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const seen = await watchCamera(guest, args, seconds);
    if (good(seen)) return seen;
    const { fps, latencyMs, gapMs, starved } = seen;
    console.warn(`uvc-client ${args}: not good enough, or not the time for it:`, {
      fps,
      latencyMs,
      gapMs,
      starved,
    });
    if (seen.starved < STARVED) last = seen;
  }
  if (!last) console.warn(`uvc-client ${args}: not measured, this machine is too busy`);
  return last;
}

/** Milliseconds that are allowed, which count on a machine that has the time to run the emulated one. */
export const allowed = (ms: number, seen: { readonly starved: number }): number =>
  seen.starved < STARVED ? ms : ms * 6;

/** The main process of one of the gadget's services. */
export async function pidOf(guest: VirtualPi, service: 'uvc' | 'video' | 'audio'): Promise<number> {
  return Number(await guest.ok(`systemctl show -p MainPID --value crosspoint-${service}`));
}

/** How often the client's side has seen a USB device go since the guest booted. */
export async function disconnects(guest: VirtualPi): Promise<number> {
  return Number(await guest.ok("dmesg | grep -c 'USB disconnect' || true"));
}
