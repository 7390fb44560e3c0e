import { z } from 'zod';
import { SourceId } from './ids.ts';

export const PATTERNS = [
  'smpte',
  'bars',
  'red',
  'green',
  'blue',
  'gray',
  'noise',
  'mandelbrot',
  'clock',
] as const;

export const LAYOUTS = ['picture-in-picture', 'side-by-side'] as const;
export const CORNERS = ['top-left', 'top-right', 'bottom-left', 'bottom-right'] as const;

/** How a camera's pictures are made or fetched. */
export const CameraSettings = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('test'), pattern: z.enum(PATTERNS).default('smpte') }),
  z.strictObject({ kind: z.literal('image'), file: z.string().min(1).max(4096) }),
  z.strictObject({
    kind: z.literal('v4l2'),
    /** Stable path: `/dev/v4l/by-id/…`. */
    device: z.string().regex(/^\/dev\//, 'a V4L2 device is a path under /dev'),
    width: z.int().min(16).max(7680).optional(),
    height: z.int().min(16).max(4320).optional(),
    fps: z.number().min(1).max(120).optional(),
    /** V4L2 FourCC such as `MJPG`, `YUYV` or `H264`. Default: MJPEG when the camera has it. */
    pixelFormat: z
      .string()
      .regex(/^[A-Z0-9]{3,4}$/, 'a pixel format is a FourCC such as MJPG or YUYV')
      .optional(),
    /** Values of the camera's controls by their V4L2 name, e.g. `{"zoom_absolute": 200}`. */
    controls: z.record(z.string().regex(/^[a-z0-9_]{1,64}$/), z.int()).default({}),
  }),
  /** RTSP, HTTP (MJPEG), HLS, or a file that plays in a loop. */
  z.strictObject({ kind: z.literal('url'), url: z.string().min(1).max(4096) }),
  z.strictObject({
    kind: z.literal('screen'),
    display: z
      .string()
      .regex(/^[A-Za-z0-9_.-]*:\d+(\.\d+)?$/)
      .default(':0'),
    /** X11 window id; without it the whole screen, or its `region`. */
    window: z
      .string()
      .regex(/^0x[0-9a-f]{1,8}$/i, 'a window is an X11 id such as 0x3a00007')
      .optional(),
    region: z
      .strictObject({
        x: z.int().min(0),
        y: z.int().min(0),
        width: z.int().min(16).max(7680),
        height: z.int().min(16).max(4320),
      })
      .optional(),
  }),
  /** Two sources in one picture. */
  z.strictObject({
    kind: z.literal('composed'),
    layout: z.enum(LAYOUTS).default('picture-in-picture'),
    /** The large or the left one; a camera or an ingest. */
    main: SourceId,
    /** The small or the right one. */
    inset: SourceId,
    corner: z.enum(CORNERS).default('bottom-right'),
    /** Width of the small picture as a part of the whole. */
    size: z.number().min(0.1).max(0.5).default(0.28),
  }),
]);
export type CameraSettings = z.infer<typeof CameraSettings>;
export type CameraSettingsInput = z.input<typeof CameraSettings>;

const Fraction = z.number().min(0).max(1);

/** How a source's picture is changed before anybody sees it: first cropped, then turned, then mirrored. */
export const PictureSettings = z.strictObject({
  /** The part that is shown, in fractions of width and height; null: all of it. */
  crop: z
    .strictObject({
      x: Fraction,
      y: Fraction,
      width: z.number().min(0.05).max(1),
      height: z.number().min(0.05).max(1),
    })
    .refine(
      ({ x, y, width, height }) => x + width <= 1.0001 && y + height <= 1.0001,
      'a crop stays within the picture',
    )
    .nullable()
    .default(null),
  /** Clockwise, in degrees. */
  rotate: z.union([z.literal(0), z.literal(90), z.literal(180), z.literal(270)]).default(0),
  mirror: z.boolean().default(false),
  /** Privacy: so unsharp that nobody is recognised. */
  blur: z.boolean().default(false),
});
export type PictureSettings = z.infer<typeof PictureSettings>;

/** One control of a V4L2 camera, such as exposure or zoom. */
export const CameraControl = z.object({
  name: z.string(),
  label: z.string(),
  kind: z.enum(['integer', 'boolean', 'menu']),
  min: z.int(),
  max: z.int(),
  step: z.int(),
  default: z.int(),
  value: z.int(),
  /** It cannot be set now, e.g. exposure while it is automatic. */
  inactive: z.boolean(),
  menu: z.array(z.object({ value: z.int(), label: z.string() })).optional(),
});
export type CameraControl = z.infer<typeof CameraControl>;

/** A V4L2 camera that is plugged in. */
export const FoundCamera = z.object({
  /** Stable path, its identity. */
  device: z.string(),
  label: z.string(),
  formats: z.array(
    z.object({ pixelFormat: z.string(), width: z.int(), height: z.int(), fps: z.array(z.number()) }),
  ),
  controls: z.array(CameraControl),
  /** Why formats and controls are not known, e.g. no permission. */
  reason: z.string().optional(),
});
export type FoundCamera = z.infer<typeof FoundCamera>;
