import { type DestinationId, type SourceId } from '../../contract/index.ts';
import { type MeterPoint } from '../meters.ts';
import { type AudioDesired } from '../plane.ts';
import { type ServerSnapshot } from './snapshot.ts';
import { destinationDevice, sourceDevice } from './wanted.ts';

/** Where a channel's meter listens: a source as it comes, before its gain; a destination behind its mix. */
export function locateMeter(
  id: SourceId | DestinationId,
  desired: AudioDesired,
  snapshot: ServerSnapshot,
): MeterPoint | null {
  const name = meterSource(id, desired, snapshot);
  if (name === null) return null;
  for (const source of snapshot.sources.values())
    if (source.name === name) return { source: name, channels: source.sampleSpec.channels };
  return null;
}

function meterSource(id: string, desired: AudioDesired, snapshot: ServerSnapshot): string | null {
  const source = desired.sources.find((candidate) => candidate.id === id);
  if (source) return sourceDevice(source);
  const destination = desired.destinations.find((candidate) => candidate.id === id);
  if (!destination) return null;
  const device = destinationDevice(destination);
  for (const sink of snapshot.sinks.values()) if (sink.name === device) return sink.monitorName;
  return null;
}
