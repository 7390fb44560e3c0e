import { type EnginePort } from '../engine/port.ts';
import { CELL_STATES } from '../contract/index.ts';

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];

const escape = (text: string): string =>
  text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');

function metric(name: string, type: 'counter' | 'gauge', help: string, samples: readonly Sample[]): string {
  const lines = samples.map(([labels, value]) => {
    const text = Object.entries(labels)
      .map(([key, label]) => `${key}="${escape(label)}"`)
      .join(',');
    return `${name}${text === '' ? '' : `{${text}}`} ${value}`;
  });
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines].join('\n');
}

/** The Prometheus text format, version 0.0.4. */
export function metricsText(engine: EnginePort, version: string): string {
  const { status, revision } = engine.state;
  const counters = Object.entries(engine.counters());
  const memory = process.memoryUsage();
  const cells = Object.values(status.cells);
  return `${[
    metric('crosspoint_info', 'gauge', 'Version of Crosspoint.', [[{ version }, 1]]),
    metric('crosspoint_revision', 'counter', 'Accepted changes of the routing.', [[{}, revision]]),
    metric(
      'crosspoint_video_frames_total',
      'counter',
      'Pictures made (source) or sent (destination).',
      counters.map(([id, c]) => [{ id }, c.frames]),
    ),
    metric(
      'crosspoint_video_bytes_total',
      'counter',
      'Bytes of those pictures.',
      counters.map(([id, c]) => [{ id }, c.bytes]),
    ),
    metric(
      'crosspoint_video_dropped_total',
      'counter',
      'Pictures left out: too large, or the receiver was busy.',
      counters.map(([id, c]) => [{ id }, c.dropped]),
    ),
    metric(
      'crosspoint_crosspoints',
      'gauge',
      'Crosspoints by state.',
      CELL_STATES.map((state) => [{ state }, cells.filter((cell) => cell.state === state).length]),
    ),
    metric(
      'crosspoint_crosspoint_latency_seconds',
      'gauge',
      'Delay of a crosspoint through the mixer.',
      Object.entries(status.cells).flatMap(([cell, { latencyMs }]): Sample[] =>
        latencyMs === undefined ? [] : [[{ cell }, latencyMs / 1000]],
      ),
    ),
    metric(
      'crosspoint_device_online',
      'gauge',
      'Is the source or destination there?',
      Object.entries(status.devices).map(([id, { state }]) => [{ id }, state === 'online' ? 1 : 0]),
    ),
    metric(
      'crosspoint_tally',
      'gauge',
      'Does the client use it now?',
      Object.entries(status.tally).map(([id, on]) => [{ id }, on ? 1 : 0]),
    ),
    metric(
      'crosspoint_gadget_connected',
      'gauge',
      'Links of each gadget.',
      Object.entries(status.gadgets).flatMap(([gadget, { video, audio }]): Sample[] => [
        [{ gadget, link: 'video' }, video === 'connected' ? 1 : 0],
        [{ gadget, link: 'audio' }, audio === 'connected' ? 1 : 0],
      ]),
    ),
    metric(
      'crosspoint_gadget_sound_latency_seconds',
      'gauge',
      'Latency of the streams of each gadget at the sound server.',
      Object.entries(status.gadgets).flatMap(([gadget, { sound }]): Sample[] => [
        ...(sound?.micMs === undefined ? [] : [[{ gadget, stream: 'mic' }, sound.micMs / 1000] as const]),
        ...(sound?.returnMs === undefined
          ? []
          : [[{ gadget, stream: 'return' }, sound.returnMs / 1000] as const]),
      ]),
    ),
    metric(
      'crosspoint_gadget_sound_xruns_total',
      'counter',
      'How often a stream of the gadget ran empty or over since it connected.',
      Object.entries(status.gadgets).flatMap(([gadget, { sound }]): Sample[] =>
        sound ? [[{ gadget }, sound.xruns]] : [],
      ),
    ),
    metric(
      'crosspoint_gadget_stat',
      'gauge',
      'What the gadget reports of itself.',
      Object.entries(status.gadgets).flatMap(([gadget, { stats = {} }]) =>
        Object.entries(stats).map(([stat, value]): Sample => [{ gadget, stat }, value]),
      ),
    ),
    metric(
      'crosspoint_service_ready',
      'gauge',
      'Do sound server, RTMP server and ffmpeg work?',
      Object.entries(status.services).map(([service, { state }]) => [{ service }, state === 'ready' ? 1 : 0]),
    ),
    metric('crosspoint_problems', 'gauge', 'Problems that need a person.', [[{}, status.problems.length]]),
    metric('process_resident_memory_bytes', 'gauge', 'Resident memory of the engine.', [[{}, memory.rss]]),
    metric('process_start_time_seconds', 'gauge', 'When the engine began, in seconds since 1970.', [
      [{}, performance.timeOrigin / 1000],
    ]),
    metric('process_cpu_seconds_total', 'counter', 'Processor time of the engine.', [
      [{}, (process.cpuUsage().user + process.cpuUsage().system) / 1e6],
    ]),
  ].join('\n')}\n`;
}
