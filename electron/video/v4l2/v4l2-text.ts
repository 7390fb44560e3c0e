import { type CameraControl, type FoundCamera } from '../../contract/index.ts';

/** What `v4l2-ctl --info --list-formats-ext --list-ctrls-menus` (v4l-utils 1.16 and later) tells of one device. */
export interface V4l2Description {
  /** The driver's name for the camera. */
  readonly card: string | undefined;
  /** Pictures can be captured from it: no metadata node, no encoder, no output. */
  readonly captures: boolean;
  readonly formats: FoundCamera['formats'];
  readonly controls: readonly CameraControl[];
}

export const readDescription = (text: string): V4l2Description => ({
  card: /^\s*Card type\s*:\s*(.+?)\s*$/m.exec(text)?.[1],
  captures: isCapture(text),
  formats: readFormats(text),
  controls: readControls(text),
});

/** `Device Caps` are those of this node; drivers without them have one node only. */
function isCapture(text: string): boolean {
  const own =
    /^\s*Device Caps\s*:.*\n((?:\t\t.*\n?)*)/m.exec(text) ??
    /^\s*Capabilities\s*:.*\n((?:\t\t.*\n?)*)/m.exec(text);
  const caps = own?.[1] ?? '';
  return /^\s*Video Capture( Multiplanar)?\s*$/m.test(caps) && !caps.includes('Memory-to-Memory');
}

/** Of a range of sizes, those that people ask for. */
const COMMON_SIZES = [
  [1920, 1080],
  [1280, 720],
  [640, 480],
  [640, 360],
  [320, 240],
] as const;
const COMMON_RATES = [60, 30, 25, 15, 5] as const;
const MAX_FORMATS = 500;

export function readFormats(text: string): FoundCamera['formats'] {
  const formats: { pixelFormat: string; width: number; height: number; fps: number[] }[] = [];
  let pixelFormat: string | undefined;
  /** Those whose rates come next. */
  let current: typeof formats = [];
  const begin = (sizes: readonly (readonly [number, number])[]): void => {
    current = sizes.map(([width, height]) => ({ pixelFormat: pixelFormat ?? '', width, height, fps: [] }));
    formats.push(...current);
  };
  for (const line of text.split('\n')) {
    const named = /^\s*(?:\[\d+\]:|Pixel Format\s*:)\s*'(.{4})'/.exec(line)?.[1]?.trim();
    if (named !== undefined) pixelFormat = named;
    if (pixelFormat === undefined || formats.length > MAX_FORMATS) continue;
    const discrete = /Size: Discrete (\d+)x(\d+)/.exec(line);
    if (discrete) begin([[Number(discrete[1]), Number(discrete[2])]]);
    const range = /Size: (?:Stepwise|Continuous) (\d+)x(\d+) - (\d+)x(\d+)/.exec(line)?.slice(1).map(Number);
    if (range) {
      const [minWidth = 0, minHeight = 0, maxWidth = 0, maxHeight = 0] = range;
      begin(
        COMMON_SIZES.filter(([w, h]) => w >= minWidth && w <= maxWidth && h >= minHeight && h <= maxHeight),
      );
    }
    const rate = /Interval: Discrete .*\(([\d.]+) fps\)/.exec(line)?.[1];
    if (rate !== undefined) for (const { fps } of current) fps.push(Number(rate));
    const rates = /Interval: (?:Stepwise|Continuous) .*\(([\d.]+)-([\d.]+) fps\)/
      .exec(line)
      ?.slice(1)
      .map(Number);
    if (rates) {
      const [lowest = 0, highest = 0] = rates;
      const within = COMMON_RATES.filter((fps) => fps >= lowest && fps <= highest);
      for (const { fps } of current) fps.push(...within);
    }
  }
  return formats;
}

const CONTROL = /^\s*([a-z0-9_]+)\s+(?:0x[0-9a-f]{8}\s+)?\((int|bool|menu|intmenu)\)\s*:\s*(.*)$/;
const ITEM = /^\s+(\d+): (.+?)\s*$/;
const KINDS = { int: 'integer', bool: 'boolean', menu: 'menu', intmenu: 'menu' } as const;

/** Those that can be set. Buttons, texts and 64-bit numbers are left out. */
export function readControls(text: string): readonly CameraControl[] {
  const controls: { control: CameraControl; menu: { value: number; label: string }[] }[] = [];
  let open: { value: number; label: string }[] | undefined;
  for (const line of text.split('\n')) {
    const [, name, type, details = ''] = CONTROL.exec(line) ?? [];
    if (name !== undefined && type !== undefined) {
      const number = (key: string, otherwise: number): number =>
        Number(new RegExp(`\\b${key}=(-?\\d+)`).exec(details)?.[1] ?? otherwise);
      const flags = /flags=(.*)$/.exec(details)?.[1] ?? '';
      open = [];
      if (/read-only|disabled|write-only/.test(flags)) continue;
      const bool = type === 'bool';
      controls.push({
        control: {
          name,
          label: labelOf(name),
          kind: KINDS[type as keyof typeof KINDS],
          min: number('min', 0),
          max: number('max', bool ? 1 : 0),
          step: number('step', 1),
          default: number('default', 0),
          value: number('value', 0),
          inactive: /inactive|grabbed/.test(flags),
        },
        menu: open,
      });
      continue;
    }
    const [, value, label] = ITEM.exec(line) ?? [];
    if (open && value !== undefined && label !== undefined) open.push({ value: Number(value), label });
    else if (line.trim() !== '') open = undefined;
  }
  return controls.map(({ control, menu }) => (control.kind === 'menu' ? { ...control, menu } : control));
}

/** The names are made of the driver's labels: `exposure_time_absolute`. */
function labelOf(name: string): string {
  const words = name.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
