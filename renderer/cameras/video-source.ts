import { type Source } from '../../electron/contract/index.ts';

/** What gives a picture: a camera or an ingest. */
export type VideoSource = Extract<Source, { media: 'video' }>;
