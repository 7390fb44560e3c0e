import {
  CameraSettings,
  type CameraSettingsInput,
  type CORNERS,
  type LAYOUTS,
  type CameraSettings as Settings,
} from '../../electron/contract/index.ts';

export type CameraKind = Settings['kind'];
export const CAMERA_KINDS = [
  'v4l2',
  'url',
  'screen',
  'image',
  'composed',
  'test',
] as const satisfies readonly CameraKind[];

/** What is taken of a screen. */
export type ScreenPart = 'all' | 'region' | 'window';

/** What a form holds while it is filled in: text, as typed. */
export interface CameraDraft {
  readonly name: string;
  readonly kind: CameraKind;
  readonly pattern: string;
  readonly file: string;
  readonly device: string;
  /** `MJPG 1280x720`: a format that the camera offers; empty: width, height and rate as typed. */
  readonly pixelFormat: string;
  readonly width: string;
  readonly height: string;
  readonly fps: string;
  readonly controls: Readonly<Record<string, number>>;
  readonly url: string;
  readonly display: string;
  readonly part: ScreenPart;
  readonly window: string;
  readonly x: string;
  readonly y: string;
  readonly regionWidth: string;
  readonly regionHeight: string;
  readonly layout: (typeof LAYOUTS)[number];
  readonly main: string;
  readonly inset: string;
  readonly corner: (typeof CORNERS)[number];
  readonly size: number;
}

export const EMPTY_DRAFT: CameraDraft = {
  name: '',
  kind: 'v4l2',
  pattern: 'smpte',
  file: '',
  device: '',
  pixelFormat: '',
  width: '',
  height: '',
  fps: '',
  controls: {},
  url: '',
  display: ':0',
  part: 'all',
  window: '',
  x: '0',
  y: '0',
  regionWidth: '1280',
  regionHeight: '720',
  layout: 'picture-in-picture',
  main: '',
  inset: '',
  corner: 'bottom-right',
  size: 0.28,
};

const text = (value: number | undefined): string => (value === undefined ? '' : String(value));

export function draftOf(name: string, camera: Settings): CameraDraft {
  const draft = { ...EMPTY_DRAFT, name, kind: camera.kind };
  switch (camera.kind) {
    case 'test':
      return { ...draft, pattern: camera.pattern };
    case 'image':
      return { ...draft, file: camera.file };
    case 'v4l2':
      return {
        ...draft,
        device: camera.device,
        pixelFormat: camera.pixelFormat ?? '',
        width: text(camera.width),
        height: text(camera.height),
        fps: text(camera.fps),
        controls: camera.controls,
      };
    case 'url':
      return { ...draft, url: camera.url };
    case 'screen': {
      const { display, region, window } = camera;
      return {
        ...draft,
        display,
        part: window !== undefined ? 'window' : region ? 'region' : 'all',
        window: window ?? '',
        ...(region
          ? {
              x: text(region.x),
              y: text(region.y),
              regionWidth: text(region.width),
              regionHeight: text(region.height),
            }
          : {}),
      };
    }
    case 'composed': {
      const { layout, main, inset, corner, size } = camera;
      return { ...draft, layout, main, inset, corner, size };
    }
  }
}

const optional = (key: string, typed: string): Record<string, number> =>
  typed.trim() === '' ? {} : { [key]: Number(typed) };

function screenPart(draft: CameraDraft): object {
  switch (draft.part) {
    case 'all':
      return {};
    case 'window':
      return { window: draft.window.trim() };
    case 'region':
      return {
        region: {
          x: Number(draft.x),
          y: Number(draft.y),
          width: Number(draft.regionWidth),
          height: Number(draft.regionHeight),
        },
      };
  }
}

function raw(draft: CameraDraft): unknown {
  switch (draft.kind) {
    case 'test':
      return { kind: 'test', pattern: draft.pattern };
    case 'image':
      return { kind: 'image', file: draft.file.trim() };
    case 'v4l2':
      return {
        kind: 'v4l2',
        device: draft.device.trim(),
        ...(draft.pixelFormat === '' ? {} : { pixelFormat: draft.pixelFormat }),
        ...optional('width', draft.width),
        ...optional('height', draft.height),
        ...optional('fps', draft.fps),
        controls: draft.controls,
      };
    case 'url':
      return { kind: 'url', url: draft.url.trim() };
    case 'screen':
      return { kind: 'screen', display: draft.display.trim(), ...screenPart(draft) };
    case 'composed': {
      const { layout, main, inset, corner, size } = draft;
      return { kind: 'composed', layout, main, inset, corner, size };
    }
  }
}

export type Checked =
  | { readonly settings: CameraSettingsInput; readonly field: null }
  | { readonly settings: null; readonly field: string; readonly message: string };

/** The settings that a draft stands for, or the first field that is not right, by the contract's own schema. */
export function checkDraft(draft: CameraDraft): Checked {
  const parsed = CameraSettings.safeParse(raw(draft));
  if (parsed.success) return { settings: parsed.data, field: null };
  const issue = parsed.error.issues[0];
  return { settings: null, field: String(issue?.path[0] ?? ''), message: issue?.message ?? '' };
}
