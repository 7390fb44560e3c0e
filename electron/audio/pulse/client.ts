import { type Disposable } from '../../base/disposable.ts';
import { Emitter, type Event } from '../../base/emitter.ts';
import { type ServerAddress } from './address.ts';
import { FACILITY, type Facility, INVALID_INDEX, POSITION } from './constants.ts';
import { type ConnectOptions, PulseConnection } from './connection.ts';
import { type PulseError } from './errors.ts';
import {
  type ClientInfo,
  type ModuleInfo,
  readClient,
  readList,
  readModule,
  readServer,
  readSink,
  readSinkInput,
  readSource,
  readSourceOutput,
  type ServerInfo,
  type SinkInfo,
  type SinkInputInfo,
  type SourceInfo,
  type SourceOutputInfo,
} from './info.ts';
import { PlaybackStream, type PlaybackStreamOptions } from './playback-stream.ts';
import { RecordStream, type RecordStreamOptions } from './record-stream.ts';
import { type Properties, type TagReader, type TagWriter } from './tagstruct.ts';

/** Something changed in the server. */
export interface ServerChange {
  readonly facility: Facility;
  readonly kind: 'new' | 'change' | 'remove';
  readonly index: number;
}

const FACILITY_NAMES = new Map<number, Facility>(
  Object.entries(FACILITY).map(([name, value]) => [value, name as Facility]),
);
const CHANGE_KINDS: readonly ServerChange['kind'][] = ['new', 'change', 'remove'];
/** Some modules open devices or other servers before they answer. */
const LOAD_TIMEOUT_MS = 10_000;
/** PulseAudio asks the thread of its device for the latency of each stream: hundreds on a busy machine take seconds. */
const LIST_TIMEOUT_MS = 15_000;
const STREAM_RESTORE_WRITE = 2;
const UPDATE_REPLACE = 2;
const nothing = (): undefined => undefined;

/** A sink or source by its index or by its name. */
const deviceReference = (tags: TagWriter, which: number | string): TagWriter =>
  typeof which === 'number' ? tags.u32(which).string(null) : tags.u32(INVALID_INDEX).string(which);

/** `application.id` of everything that Crosspoint connects or creates. */
export const APPLICATION_ID = 'dev.crosspoint';

/** A typed client of a PulseAudio or pipewire-pulse server. All calls reject with a PulseError. */
export class PulseClient implements Disposable {
  readonly #connection: PulseConnection;
  readonly #changes = new Emitter<ServerChange>();
  /** After `subscribe`. */
  readonly onChange: Event<ServerChange> = this.#changes.event;

  private constructor(connection: PulseConnection) {
    this.#connection = connection;
    connection.onSubscription(({ event, index }) => {
      const facility = FACILITY_NAMES.get(event & 0x0f);
      const kind = CHANGE_KINDS[(event & 0x30) >> 4];
      if (facility && kind) this.#changes.fire({ facility, kind, index });
    });
  }

  static async connect(
    options: Omit<ConnectOptions, 'properties'> & { readonly properties?: Properties },
  ): Promise<PulseClient> {
    const properties: Properties = {
      'application.name': 'Crosspoint',
      'application.id': APPLICATION_ID,
      'application.process.id': String(process.pid),
      ...options.properties,
    };
    return new PulseClient(await PulseConnection.open({ ...options, properties }));
  }

  get address(): ServerAddress {
    return this.#connection.address;
  }

  get isOpen(): boolean {
    return this.#connection.isOpen;
  }

  /** Settles when the connection has ended, with the reason. Never rejects. */
  get closed(): Promise<PulseError> {
    return this.#connection.closed;
  }

  serverInfo(): Promise<ServerInfo> {
    return this.#connection.call('getServerInfo', nothing, readServer);
  }

  sinks(): Promise<SinkInfo[]> {
    return this.#connection.call('getSinkInfoList', nothing, (r) =>
      readList(r, (one) => readSink(one, this.#connection.version)),
    );
  }

  sink(which: number | string): Promise<SinkInfo> {
    const read = (r: TagReader): SinkInfo => readSink(r, this.#connection.version);
    return this.#connection.call('getSinkInfo', (tags) => deviceReference(tags, which), read);
  }

  sources(): Promise<SourceInfo[]> {
    return this.#connection.call('getSourceInfoList', nothing, (r) =>
      readList(r, (one) => readSource(one, this.#connection.version)),
    );
  }

  source(which: number | string): Promise<SourceInfo> {
    const read = (r: TagReader): SourceInfo => readSource(r, this.#connection.version);
    return this.#connection.call('getSourceInfo', (tags) => deviceReference(tags, which), read);
  }

  sinkInputs(): Promise<SinkInputInfo[]> {
    return this.#connection.call(
      'getSinkInputInfoList',
      nothing,
      (r) => readList(r, readSinkInput),
      LIST_TIMEOUT_MS,
    );
  }

  sinkInput(index: number): Promise<SinkInputInfo> {
    return this.#connection.call('getSinkInputInfo', (tags) => tags.u32(index), readSinkInput);
  }

  sourceOutputs(): Promise<SourceOutputInfo[]> {
    return this.#connection.call(
      'getSourceOutputInfoList',
      nothing,
      (r) => readList(r, readSourceOutput),
      LIST_TIMEOUT_MS,
    );
  }

  sourceOutput(index: number): Promise<SourceOutputInfo> {
    return this.#connection.call('getSourceOutputInfo', (tags) => tags.u32(index), readSourceOutput);
  }

  modules(): Promise<ModuleInfo[]> {
    return this.#connection.call('getModuleInfoList', nothing, (r) => readList(r, readModule));
  }

  module(index: number): Promise<ModuleInfo> {
    return this.#connection.call('getModuleInfo', (tags) => tags.u32(index), readModule);
  }

  clients(): Promise<ClientInfo[]> {
    return this.#connection.call('getClientInfoList', nothing, (r) => readList(r, readClient));
  }

  /** Answers the module's index. */
  loadModule(name: string, argument: string): Promise<number> {
    return this.#connection.call(
      'loadModule',
      (tags) => tags.string(name).string(argument),
      (r) => r.u32(),
      LOAD_TIMEOUT_MS,
    );
  }

  async unloadModule(index: number): Promise<void> {
    await this.#connection.call('unloadModule', (tags) => tags.u32(index), nothing, LOAD_TIMEOUT_MS);
  }

  async setSinkInputVolume(index: number, volumes: readonly number[]): Promise<void> {
    await this.#connection.call('setSinkInputVolume', (tags) => tags.u32(index).volumes(volumes), nothing);
  }

  async setSinkInputMuted(index: number, muted: boolean): Promise<void> {
    await this.#connection.call('setSinkInputMute', (tags) => tags.u32(index).bool(muted), nothing);
  }

  async setSourceOutputVolume(index: number, volumes: readonly number[]): Promise<void> {
    await this.#connection.call('setSourceOutputVolume', (tags) => tags.u32(index).volumes(volumes), nothing);
  }

  async setSourceOutputMuted(index: number, muted: boolean): Promise<void> {
    await this.#connection.call('setSourceOutputMute', (tags) => tags.u32(index).bool(muted), nothing);
  }

  async setSinkVolume(which: number | string, volumes: readonly number[]): Promise<void> {
    await this.#connection.call(
      'setSinkVolume',
      (tags) => deviceReference(tags, which).volumes(volumes),
      nothing,
    );
  }

  async setSinkMuted(which: number | string, muted: boolean): Promise<void> {
    await this.#connection.call('setSinkMute', (tags) => deviceReference(tags, which).bool(muted), nothing);
  }

  async setSourceVolume(which: number | string, volumes: readonly number[]): Promise<void> {
    await this.#connection.call(
      'setSourceVolume',
      (tags) => deviceReference(tags, which).volumes(volumes),
      nothing,
    );
  }

  async setSourceMuted(which: number | string, muted: boolean): Promise<void> {
    await this.#connection.call('setSourceMute', (tags) => deviceReference(tags, which).bool(muted), nothing);
  }

  async moveSinkInput(index: number, sink: string): Promise<void> {
    await this.#connection.call(
      'moveSinkInput',
      (tags) => tags.u32(index).u32(INVALID_INDEX).string(sink),
      nothing,
    );
  }

  /**
   * Have the next sink input with this `module-stream-restore.id` begin muted, at no volume.
   * @throws PulseError `no-extension` where module-stream-restore is not loaded (never on PipeWire)
   */
  async presetSilent(streamId: string): Promise<void> {
    await this.#connection.call(
      'extension',
      (tags) =>
        tags
          .u32(INVALID_INDEX)
          .string('module-stream-restore')
          .u32(STREAM_RESTORE_WRITE)
          .u32(UPDATE_REPLACE)
          .bool(false) // not to those that are there
          .string(streamId)
          .channelMap([POSITION.mono])
          .volumes([0])
          .string(null) // device
          .bool(true), // muted
      nothing,
    );
  }

  /** Hear of changes through `onChange`. Replaces the former choice. */
  async subscribe(facilities: readonly Facility[]): Promise<void> {
    const mask = facilities.reduce((bits, facility) => bits | (1 << FACILITY[facility]), 0);
    await this.#connection.call('subscribe', (tags) => tags.u32(mask), nothing);
  }

  record(options: RecordStreamOptions): Promise<RecordStream> {
    return RecordStream.create(this.#connection, options);
  }

  play(options: PlaybackStreamOptions): Promise<PlaybackStream> {
    return PlaybackStream.create(this.#connection, options);
  }

  dispose(): void {
    this.#connection.dispose();
    this.#changes.dispose();
  }
}
