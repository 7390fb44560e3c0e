import { z } from 'zod';

/** What every slug looks like: lower case, digits and dashes, no dash at either end. */
const SLUG = '[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?';
const pattern = (body: string) => new RegExp(`^${body}$`);

/** A gadget: its slug alone (`desk`). */
export const GadgetId = z.string().regex(pattern(SLUG), 'a gadget id looks like "desk"').brand<'GadgetId'>();
export type GadgetId = z.infer<typeof GadgetId>;

/** `cam:<slug>`, `mic:<slug>`, `ingest:<slug>`, `ingest:<slug>.audio` or `<gadget>.return`. */
export const SourceId = z
  .string()
  .regex(
    pattern(`(?:cam:${SLUG}|mic:${SLUG}|ingest:${SLUG}(?:\\.audio)?|${SLUG}\\.return)`),
    'a source id looks like "cam:front", "mic:desk", "ingest:obs", "ingest:obs.audio" or "desk.return"',
  )
  .brand<'SourceId'>();
export type SourceId = z.infer<typeof SourceId>;

/** `<gadget>.webcam`, `<gadget>.mic`, `speaker:<slug>` or `program:<slug>`. */
export const DestinationId = z
  .string()
  .regex(
    pattern(`(?:${SLUG}\\.webcam|${SLUG}\\.mic|speaker:${SLUG}|program:${SLUG})`),
    'a destination id looks like "desk.webcam", "desk.mic", "speaker:room" or "program:recorder"',
  )
  .brand<'DestinationId'>();
export type DestinationId = z.infer<typeof DestinationId>;

/** `group:<slug>`. */
export const GroupId = z
  .string()
  .regex(pattern(`group:${SLUG}`), 'a group id looks like "group:speech"')
  .brand<'GroupId'>();
export type GroupId = z.infer<typeof GroupId>;

/** The key of one crosspoint in `status.cells`: `<source>|<destination>`. */
export type CellKey = `${string}|${string}`;
export const cellKey = (source: SourceId, destination: DestinationId): CellKey => `${source}|${destination}`;

/** Make a slug of a name that people gave: "Müller's Büro 2" → "muller-s-buro-2". Never empty. */
export function slugify(name: string, fallback = 'item'): string {
  const slug = name
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 64)
    .replace(/^-+|-+$/g, '');
  return slug === '' ? fallback : slug;
}
