import { z } from 'zod';
import { Config, CrosspointError } from '../../contract/index.ts';
import { type Model } from './model.ts';
import { UPGRADES, type UnknownDocument } from './upgrades.ts';

/** Version of the document that this program writes. */
export const STATE_VERSION = UPGRADES.length + 1;

const StateFile = z.object({
  version: z.literal(STATE_VERSION),
  revision: z.int().min(0),
  model: Config.extend({ secrets: z.array(z.object({ id: z.string(), secret: z.string() })) }),
});

export interface Checkpoint {
  readonly revision: number;
  readonly model: Model;
}

export const formatStateFile = ({ revision, model }: Checkpoint): string =>
  `${JSON.stringify({ version: STATE_VERSION, revision, model }, null, 1)}\n`;

/**
 * Read the text of a state file, of this or an older version.
 * @throws CrosspointError `state-newer` or `state-broken`, saying what is wrong with it
 */
export function parseStateFile(text: string, name: string): Checkpoint {
  let document: UnknownDocument;
  try {
    document = z.looseObject({ version: z.int().min(1) }).parse(JSON.parse(text));
  } catch (cause) {
    throw new CrosspointError(
      'state-broken',
      `${name} is not a state file of Crosspoint: it cannot be read as JSON with a version.`,
      { cause },
    );
  }
  if (document.version > STATE_VERSION)
    throw new CrosspointError(
      'state-newer',
      `${name} was written by a newer Crosspoint (version ${document.version} of the file; this program knows ${STATE_VERSION}).`,
      { hint: 'Start the newer Crosspoint, or use another --state-dir. The file was left as it is.' },
    );
  for (const upgrade of UPGRADES.slice(document.version - 1)) document = upgrade(document);
  const parsed = StateFile.safeParse(document);
  if (parsed.success) return { revision: parsed.data.revision, model: parsed.data.model };
  const issue = parsed.error.issues[0];
  throw new CrosspointError(
    'state-broken',
    `${name} is damaged: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'unknown'}.`,
  );
}
