import {
  CameraSettings,
  type CameraSettingsInput,
  type CameraSettings as Settings,
} from '../../electron/contract/index.ts';

export type CameraKind = Settings['kind'];
export const CAMERA_KINDS = [
  'v4l2',
  'url',
  'screen',
  'image',
  'test',
] as const satisfies readonly CameraKind[];

/** What a form holds while it is filled in: text, as typed. */
export interface CameraDraft {
  readonly name: string;
  readonly kind: CameraKind;
  readonly pattern: string;
  readonly file: string;
  readonly device: string;
  readonly width: string;
  readonly height: string;
  readonly fps: string;
  readonly url: string;
  readonly display: string;
}

export const EMPTY_DRAFT: CameraDraft = {
  name: '',
  kind: 'v4l2',
  pattern: 'smpte',
  file: '',
  device: '',
  width: '',
  height: '',
  fps: '',
  url: '',
  display: ':0',
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
        width: text(camera.width),
        height: text(camera.height),
        fps: text(camera.fps),
      };
    case 'url':
      return { ...draft, url: camera.url };
    case 'screen':
      return { ...draft, display: camera.display };
  }
}

const optional = (key: string, typed: string): Record<string, number> =>
  typed.trim() === '' ? {} : { [key]: Number(typed) };

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
        ...optional('width', draft.width),
        ...optional('height', draft.height),
        ...optional('fps', draft.fps),
      };
    case 'url':
      return { kind: 'url', url: draft.url.trim() };
    case 'screen':
      return { kind: 'screen', display: draft.display.trim() };
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
