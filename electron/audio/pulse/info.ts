import { INVALID_INDEX } from './constants.ts';
import { type Properties, type SampleSpec, type TagReader } from './tagstruct.ts';

/** Readers of the server's descriptions for protocol 22 to 32. `null` where there is nothing to point to. */

export interface ServerInfo {
  readonly name: string;
  readonly version: string;
  readonly sampleSpec: SampleSpec;
  readonly defaultSink: string | null;
  readonly defaultSource: string | null;
}

/** PipeWire before 1.0: its echo canceller was measured to find no echo (0.3.65). */
export const isEarlyPipeWire = ({ name }: Pick<ServerInfo, 'name'>): boolean => name.includes('PipeWire 0.');

interface DeviceInfo {
  readonly index: number;
  readonly name: string;
  readonly description: string;
  readonly sampleSpec: SampleSpec;
  readonly channelMap: readonly number[];
  readonly module: number | null;
  /** Raw, per channel. */
  readonly volumes: readonly number[];
  readonly muted: boolean;
  readonly latencyUs: number;
  readonly flags: number;
  readonly properties: Properties;
  /** 0 running, 1 idle, 2 suspended. */
  readonly state: number;
}

export interface SinkInfo extends DeviceInfo {
  readonly monitor: number | null;
  readonly monitorName: string | null;
}

export interface SourceInfo extends DeviceInfo {
  /** The sink whose sound this is; null for a real source. */
  readonly monitorOf: number | null;
}

interface StreamInfo {
  readonly index: number;
  readonly name: string;
  readonly module: number | null;
  readonly client: number | null;
  /** Index of the sink or source that it is connected to. */
  readonly device: number;
  readonly sampleSpec: SampleSpec;
  readonly volumes: readonly number[];
  readonly muted: boolean;
  readonly corked: boolean;
  /** Sound that waits in the stream's buffers. */
  readonly bufferUs: number;
  readonly deviceUs: number;
  readonly properties: Properties;
}
export type SinkInputInfo = StreamInfo;
export type SourceOutputInfo = StreamInfo;

export interface ModuleInfo {
  readonly index: number;
  readonly name: string;
  readonly argument: string;
}

export interface ClientInfo {
  readonly index: number;
  readonly name: string;
  readonly properties: Properties;
}

const index = (value: number): number | null => (value === INVALID_INDEX ? null : value);
const text = (value: string | null): string => value ?? '';

export function readServer(reader: TagReader): ServerInfo {
  const name = text(reader.string());
  const version = text(reader.string());
  reader.string();
  reader.string();
  return {
    name,
    version,
    sampleSpec: reader.sampleSpec(),
    defaultSink: reader.string(),
    defaultSource: reader.string(),
  };
}

/** Sinks and sources have the same fields; the eighth is the monitor of a sink, or the sink of a monitor. */
function readDevice(
  reader: TagReader,
  version: number,
): DeviceInfo & { other: number | null; otherName: string | null } {
  const head = {
    index: reader.u32(),
    name: text(reader.string()),
    description: text(reader.string()),
    sampleSpec: reader.sampleSpec(),
    channelMap: reader.channelMap(),
    module: index(reader.u32()),
    volumes: reader.volumes(),
    muted: reader.bool(),
    other: index(reader.u32()),
    otherName: reader.string(),
    latencyUs: reader.usec(),
  };
  reader.string(); // driver
  const flags = reader.u32();
  const properties = reader.properties();
  reader.usec(); // requested latency
  reader.volume(); // base volume
  const state = reader.u32();
  reader.u32(); // volume steps
  reader.u32(); // card
  for (let ports = reader.u32(); ports > 0; ports--) {
    reader.string();
    reader.string();
    reader.u32();
    if (version >= 24) reader.u32();
  }
  reader.string(); // active port
  for (let formats = reader.u8(); formats > 0; formats--) reader.formatInfo();
  return { ...head, flags, properties, state };
}

export function readSink(reader: TagReader, version: number): SinkInfo {
  const { other, otherName, ...device } = readDevice(reader, version);
  return { ...device, monitor: other, monitorName: otherName };
}

export function readSource(reader: TagReader, version: number): SourceInfo {
  const { other, otherName: _, ...device } = readDevice(reader, version);
  return { ...device, monitorOf: other };
}

const readStreamHead = (reader: TagReader) => ({
  index: reader.u32(),
  name: text(reader.string()),
  module: index(reader.u32()),
  client: index(reader.u32()),
  device: reader.u32(),
  sampleSpec: reader.sampleSpec(),
  channelMap: reader.channelMap(),
});

export function readSinkInput(reader: TagReader): SinkInputInfo {
  const { channelMap: _, ...head } = readStreamHead(reader);
  const volumes = reader.volumes();
  const bufferUs = reader.usec();
  const deviceUs = reader.usec();
  reader.string(); // resample method
  reader.string(); // driver
  const muted = reader.bool();
  const properties = reader.properties();
  const corked = reader.bool();
  reader.bool(); // has volume
  reader.bool(); // volume writable
  reader.formatInfo();
  return { ...head, volumes, muted, corked, bufferUs, deviceUs, properties };
}

export function readSourceOutput(reader: TagReader): SourceOutputInfo {
  const { channelMap: _, ...head } = readStreamHead(reader);
  const bufferUs = reader.usec();
  const deviceUs = reader.usec();
  reader.string();
  reader.string();
  const properties = reader.properties();
  const corked = reader.bool();
  const volumes = reader.volumes();
  const muted = reader.bool();
  reader.bool();
  reader.bool();
  reader.formatInfo();
  return { ...head, volumes, muted, corked, bufferUs, deviceUs, properties };
}

export function readModule(reader: TagReader): ModuleInfo {
  const info = { index: reader.u32(), name: text(reader.string()), argument: text(reader.string()) };
  reader.u32(); // users
  reader.properties();
  return info;
}

export function readClient(reader: TagReader): ClientInfo {
  const head = { index: reader.u32(), name: text(reader.string()) };
  reader.u32(); // module
  reader.string(); // driver
  return { ...head, properties: reader.properties() };
}

/** As many as the answer holds. */
export function readList<T>(reader: TagReader, read: (reader: TagReader) => T): T[] {
  const items: T[] = [];
  while (!reader.atEnd) items.push(read(reader));
  return items;
}
