import {
  Config,
  EMPTY_STATUS,
  type CellStatus,
  type Destination,
  type Route,
  type Source,
  type State,
} from '../../electron/contract/index.ts';

/** A small rig: two cameras, a stream, two microphones, two gadgets, a speaker and a program. */
const CONFIG = {
  sources: [
    {
      kind: 'camera',
      id: 'cam:one',
      label: 'Cam 1',
      media: 'video',
      camera: { kind: 'test', pattern: 'red' },
    },
    {
      kind: 'camera',
      id: 'cam:two',
      label: 'Cam 2',
      media: 'video',
      camera: { kind: 'test', pattern: 'blue' },
    },
    { kind: 'ingest', id: 'ingest:obs', label: 'OBS', media: 'video' },
    { kind: 'ingest-audio', id: 'ingest:obs.audio', label: 'OBS', media: 'audio', ingest: 'ingest:obs' },
    { kind: 'microphone', id: 'mic:one', label: 'Mic 1', media: 'audio', device: 'alsa_input.one' },
    { kind: 'microphone', id: 'mic:two', label: 'Mic 2', media: 'audio', device: 'alsa_input.two' },
    { kind: 'return', id: 'desk.return', label: 'Desk', media: 'audio', gadget: 'desk' },
    { kind: 'return', id: 'office.return', label: 'Office PC', media: 'audio', gadget: 'office' },
  ],
  destinations: [
    { kind: 'webcam', id: 'desk.webcam', label: 'Desk', media: 'video', gadget: 'desk' },
    { kind: 'mic', id: 'desk.mic', label: 'Desk', media: 'audio', gadget: 'desk' },
    { kind: 'webcam', id: 'office.webcam', label: 'Office PC', media: 'video', gadget: 'office' },
    { kind: 'mic', id: 'office.mic', label: 'Office PC', media: 'audio', gadget: 'office' },
    { kind: 'speaker', id: 'speaker:room', label: 'Room', media: 'audio', device: 'alsa_output.room' },
    { kind: 'program', id: 'program:recorder', label: 'Recorder', media: 'video' },
  ],
  routes: [
    { source: 'cam:one', destination: 'desk.webcam' },
    { source: 'mic:one', destination: 'office.mic', gain: -6 },
  ],
  scenes: [],
  gadgets: [
    { id: 'desk', label: 'Desk', host: null },
    { id: 'office', label: 'Office PC', host: 'pi2.local' },
  ],
};

export interface RigChange {
  readonly routes?: readonly Partial<Route>[];
  readonly cells?: Readonly<Record<string, CellStatus>>;
  readonly sources?: (source: Source) => Source;
  readonly destinations?: (destination: Destination) => Destination;
}

export function rigState(change: RigChange = {}): State {
  const config = Config.parse({ ...CONFIG, ...(change.routes ? { routes: change.routes } : {}) });
  return {
    revision: 7,
    config: {
      ...config,
      sources: config.sources.map(change.sources ?? ((source) => source)),
      destinations: config.destinations.map(change.destinations ?? ((destination) => destination)),
    },
    status: {
      ...EMPTY_STATUS,
      cells: {
        'cam:one|desk.webcam': { state: 'live' },
        'mic:one|office.mic': { state: 'live', latencyMs: 12 },
        ...change.cells,
      },
    },
  };
}

/** A square rig of so many sources and destinations, half of them video. */
export function largeRig(size: number): State {
  const sources = Array.from({ length: size }, (_, i) =>
    i % 2 === 0
      ? { kind: 'ingest', id: `ingest:s${i}`, label: `Stream ${i}`, media: 'video' }
      : { kind: 'microphone', id: `mic:m${i}`, label: `Mic ${i}`, media: 'audio', device: `in.${i}` },
  );
  const destinations = Array.from({ length: size }, (_, i) =>
    i % 2 === 0
      ? { kind: 'program', id: `program:p${i}`, label: `Program ${i}`, media: 'video' }
      : { kind: 'speaker', id: `speaker:s${i}`, label: `Speaker ${i}`, media: 'audio', device: `out.${i}` },
  );
  return {
    revision: 1,
    config: Config.parse({ sources, destinations, routes: [], scenes: [], gadgets: [] }),
    status: EMPTY_STATUS,
  };
}
