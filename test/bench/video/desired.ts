import { CameraSettings, DestinationId, GadgetId, SourceId } from '../../../electron/contract/index.ts';
import { type VideoDesired, type VideoSourceDesired } from '../../../electron/video/plane.ts';

const PLAIN = { crop: null, rotate: 0, mirror: false, blur: false } as const;

export const v4l2 = (number: number, device: string): VideoSourceDesired => ({
  id: SourceId.parse(`cam:c${number}`),
  label: `Camera ${number}`,
  muted: false,
  picture: PLAIN,
  kind: 'camera',
  camera: CameraSettings.parse({ kind: 'v4l2', device }),
});

export const ingest = (slug: string): VideoSourceDesired => ({
  id: SourceId.parse(`ingest:${slug}`),
  label: slug,
  muted: false,
  picture: PLAIN,
  kind: 'ingest',
  key: slug,
  takeOver: false,
});

/** @param webcams by gadget id: the source that it shows */
export const desire = (
  sources: readonly VideoSourceDesired[],
  webcams: Readonly<Record<string, string>>,
  program?: string,
): VideoDesired => ({
  sources,
  gadgets: Object.keys(webcams).map((id) => ({ id: GadgetId.parse(id), token: 'secret' })),
  outputs: [
    ...Object.entries(webcams).map(([id, source]) => ({
      id: DestinationId.parse(`${id}.webcam`),
      label: id,
      kind: 'webcam' as const,
      gadget: GadgetId.parse(id),
      maxFrameBytes: 100_000,
      source: SourceId.parse(source),
      muted: false,
    })),
    ...(program === undefined
      ? []
      : [
          {
            id: DestinationId.parse('program:out'),
            label: 'Out',
            kind: 'program' as const,
            source: SourceId.parse(program),
            muted: false,
          },
        ]),
  ],
  slates: { afterMs: 500, noSignal: null, muted: null },
});
