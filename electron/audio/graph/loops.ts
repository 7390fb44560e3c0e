import { type ServerSnapshot } from './snapshot.ts';
import { recogniseModule } from './names.ts';
import { reaches } from './cycles.ts';
import { type Wanted, type WantedCrosspoint } from './wanted.ts';

type Edges = Map<string, string[]>;

const sinkNode = (name: string): string => `sink ${name}`;
const sourceNode = (name: string): string => `source ${name}`;

function connect(edges: Edges, from: string, to: string): void {
  const list = edges.get(from);
  if (list) list.push(to);
  else edges.set(from, [to]);
}

/** The source that a virtual source is made of, by the module's argument. */
const MASTER = /(?:^| )(?:source_)?master="?([^" ]+)/;

/** Where sound goes inside the server by itself: monitors, virtual devices, other people's loopbacks. */
function deviceEdges(snapshot: ServerSnapshot): Edges {
  const edges: Edges = new Map();
  const { sinks, sources, modules } = snapshot;
  const owns = { sinks: new Map<number, string[]>(), sources: new Map<number, string[]>() };
  const note = (map: Map<number, string[]>, module: number | null, name: string): void => {
    if (module !== null) map.set(module, [...(map.get(module) ?? []), name]);
  };
  for (const { name, monitorName, module } of sinks.values()) {
    if (monitorName !== null) connect(edges, sinkNode(name), sourceNode(monitorName));
    note(owns.sinks, module, name);
  }
  for (const { name, monitorOf, module } of sources.values()) {
    if (monitorOf !== null) continue;
    note(owns.sources, module, name);
    const argument = module === null ? undefined : modules.get(module)?.argument;
    const master = argument === undefined ? undefined : MASTER.exec(argument)?.[1];
    if (master !== undefined) connect(edges, sourceNode(master), sourceNode(name));
  }
  const feeds = new Map<number, string[]>();
  for (const { module, device } of snapshot.sourceOutputs.values()) {
    const from = sources.get(device)?.name;
    if (module === null || from === undefined || isClientModule(snapshot, module)) continue;
    note(feeds, module, from);
    for (const own of owns.sources.get(module) ?? []) connect(edges, sourceNode(from), sourceNode(own));
  }
  for (const { module, device } of snapshot.sinkInputs.values()) {
    const to = sinks.get(device)?.name;
    if (module === null || to === undefined || isClientModule(snapshot, module)) continue;
    for (const own of owns.sinks.get(module) ?? []) connect(edges, sinkNode(own), sinkNode(to));
    // A module with devices of its own is no loopback: what it plays is not what it records (echo cancelling).
    if (owns.sinks.has(module) || owns.sources.has(module)) continue;
    for (const from of feeds.get(module) ?? []) connect(edges, sourceNode(from), sinkNode(to));
  }
  return edges;
}

/** Streams of clients count as those of the module that let them in; our own crosspoints are judged as wanted. */
function isClientModule({ modules }: ServerSnapshot, index: number): boolean {
  const module = modules.get(index);
  return (
    !module ||
    module.name.startsWith('module-native-protocol') ||
    recogniseModule(module)?.role === 'crosspoint'
  );
}

/**
 * Crosspoints that would send sound round in a circle, by key: those which come later give way. What the command layer
 * let through, or a device that appeared since, is caught here.
 */
export function loopsIn({ crosspoints, echoes }: Wanted, snapshot: ServerSnapshot): ReadonlySet<string> {
  const edges = deviceEdges(snapshot);
  for (const echo of echoes) {
    connect(edges, sinkNode(echo.sink), sinkNode(echo.to));
    connect(edges, sourceNode(echo.from), sourceNode(echo.source));
  }
  const loops = new Set<string>();
  const judge = ({ key, from, to }: WantedCrosspoint): void => {
    if (reaches(edges, sinkNode(to), sourceNode(from))) loops.add(key);
    else connect(edges, sourceNode(from), sinkNode(to));
  };
  crosspoints.forEach(judge);
  return loops;
}

/** Tells of a source the sink whose sound it carries, when it is made of a monitor; undefined for real microphones. */
export function heardSinks(snapshot: ServerSnapshot): (source: string) => string | undefined {
  const edges = deviceEdges(snapshot);
  const sinks = [...snapshot.sinks.values()].map(({ name }) => name);
  return (source) => sinks.find((name) => reaches(edges, sinkNode(name), sourceNode(source)));
}
