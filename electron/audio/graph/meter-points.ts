import { type DestinationId, type SourceId } from '../../contract/index.ts';
import { type MeterPoint } from '../meters.ts';
import { type MixerTap } from '../mixer/protocol.ts';
import { type AudioDesired } from '../plane.ts';
import { MIXER_SINK } from './built.ts';
import { OWN_PREFIX } from './names.ts';
import { oncePer } from './once-per.ts';
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
    if (source.name === name) {
      const { channels } = source.sampleSpec;
      const tap = channels <= MIXER_CHANNELS ? mixerTaps(snapshot).get(name) : undefined;
      return { source: name, channels, tap: tap ?? null };
    }
  return null;
}

/** It mixes in stereo. */
const MIXER_CHANNELS = 2;

/**
 * Where our own mixer hears the same as a stream from a source would, by the source's name: sources that it records
 * anyway, mixes of ours that nobody else plays to.
 */
const mixerTaps = oncePer((snapshot: ServerSnapshot): ReadonlyMap<string, MixerTap> => {
  const taps = new Map<string, MixerTap>();
  const mixed = new Set<string>();
  for (const { from, to, live } of snapshot.mixerPaths.values()) {
    if (!live) continue;
    taps.set(from, { of: 'source', device: from });
    mixed.add(to);
  }
  const shared = new Set<number>();
  for (const { device, properties } of snapshot.sinkInputs.values())
    if (!(MIXER_SINK in properties)) shared.add(device);
  for (const { index, name, monitorName } of snapshot.sinks.values())
    if (monitorName !== null && mixed.has(name) && name.startsWith(OWN_PREFIX) && !shared.has(index))
      taps.set(monitorName, { of: 'sink', device: name });
  return taps;
});

function meterSource(id: string, desired: AudioDesired, snapshot: ServerSnapshot): string | null {
  const source = desired.sources.find((candidate) => candidate.id === id);
  if (source) return sourceDevice(source);
  const destination = desired.destinations.find((candidate) => candidate.id === id);
  if (!destination) return null;
  const device = destinationDevice(destination);
  for (const sink of snapshot.sinks.values()) if (sink.name === device) return sink.monitorName;
  return null;
}
