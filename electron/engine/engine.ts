import { randomBytes } from 'node:crypto';
import { castDraft } from 'immer';
import { findCycle } from '../audio/graph/cycles.ts';
import { type AudioPlane } from '../audio/plane.ts';
import { type Disposable, DisposableStore } from '../base/disposable.ts';
import { Emitter, type Event } from '../base/emitter.ts';
import { type Logger } from '../base/logger.ts';
import {
  type Command,
  type CommandResult,
  type CommandsResponse,
  CrosspointError,
  type DestinationId,
  type Levels,
  type LogEntry,
  messageOf,
  type Problem,
  type ServerEvent,
  type SourceId,
  type State,
} from '../contract/index.ts';
import { type GadgetsPlane } from '../gadgets/plane.ts';
import { type PictureOptions, type VideoPlane } from '../video/plane.ts';
import { ENGINE_COMMANDS } from './commands/context.ts';
import { applyCommands, isEngineCommand, type EngineCommand, type ModelCommand } from './commands/index.ts';
import { findGadget } from './commands/resolve.ts';
import { CurrentScene } from './current-scene.ts';
import { type DemoRig } from './demo/demo-rig.ts';
import { describeAll } from './describe.ts';
import { audioDesired, videoDesired } from './desired.ts';
import { adoptCameras, adoptDevices } from './devices.ts';
import { StateDocument } from './document.ts';
import { EventLog, newsBetween } from './event-log.ts';
import { gadgetProblems, gadgetsDesired, runGadgetCommand } from './gadgets.ts';
import { History } from './history.ts';
import { Holds } from './holds.ts';
import { feedbackOf, microphoneOf, nextSolo, pathsOf } from './listening.ts';
import { deriveStatus } from './observe.ts';
import { type EnginePort } from './port.ts';
import { applyChanges, type Change, configOf, diff, type Model } from './store/model.ts';
import { type Store } from './store/store.ts';

export interface EngineParts {
  readonly log: Logger;
  readonly store: Store;
  readonly checkpoint: { readonly revision: number; readonly model: Model };
  /** No state was there: what is found now is the user's rig, not a newcomer. */
  readonly fresh: boolean;
  readonly audio: AudioPlane;
  readonly video: VideoPlane;
  readonly gadgets: GadgetsPlane;
  /** Made by the composition root; it works through the engine's own commands. */
  readonly demo: (engine: Engine) => DemoRig;
}

/** Commands that a person would not expect "Undo" to take back. */
const NOT_UNDOABLE: ReadonlySet<Command['type']> = new Set([
  'lock',
  'unlock',
  'ingest.regenerate',
  'reveal',
  'device.forget',
]);

/**
 * The heart: holds the desired routing, lets it be changed only by commands, has the planes make it so and shows what
 * is so. Everything is in effect at once and acknowledged when it is on disk.
 */
export class Engine implements EnginePort, Disposable {
  readonly #log: Logger;
  readonly #store: Store;
  readonly #audio: AudioPlane;
  readonly #video: VideoPlane;
  readonly #gadgets: GadgetsPlane;
  readonly #demo: DemoRig;
  readonly #history = new History();
  readonly #document = new StateDocument();
  readonly #disposables = new DisposableStore();
  readonly #events = new Emitter<ServerEvent>();
  readonly #happened = new EventLog((entries) => this.#events.fire({ type: 'events', entries }));
  readonly #holds = new Holds(() => this.#applyHolds());
  readonly #scene: CurrentScene;
  #model: Model;
  #revision: number;
  #fresh: boolean;
  readonly #newRig: boolean;
  #solo: readonly string[] = [];
  #saveFailure: string | undefined;
  #refreshScheduled = false;
  #disposed = false;

  constructor(parts: EngineParts) {
    this.#log = parts.log;
    this.#store = parts.store;
    this.#audio = parts.audio;
    this.#video = parts.video;
    this.#gadgets = parts.gadgets;
    this.#model = parts.checkpoint.model;
    this.#revision = parts.checkpoint.revision;
    this.#fresh = parts.fresh;
    this.#newRig = parts.fresh;
    this.#demo = parts.demo(this);
    const currentModel = (): Model => this.#model;
    this.#scene = new CurrentScene({
      get model() {
        return currentModel();
      },
      step: (model) => {
        void this.#commit(model, diff(this.#model, model), [], 'fade');
        this.#scheduleRefresh();
      },
    });
    this.#disposables.add(this.#document.onEvent((event) => this.#events.fire(event)));
    this.#disposables.add(this.#holds);
    this.#disposables.add(this.#scene);
    this.#disposables.add(
      this.#audio.onStatus(() => {
        this.#adoptDevices();
        this.#scheduleRefresh();
      }),
    );
    this.#disposables.add(
      this.#video.onStatus(() => {
        this.#adoptCameras();
        this.#scheduleRefresh();
      }),
    );
    this.#disposables.add(this.#gadgets.onStatus(() => this.#scheduleRefresh()));
    this.#applyToPlanes();
    this.#adoptDevices();
    this.#refresh();
  }

  get state(): State {
    return this.#document.state;
  }

  /** Patches of `state`, in order. */
  get onEvent(): Event<ServerEvent> {
    return this.#events.event;
  }

  get log(): readonly LogEntry[] {
    return this.#happened.entries;
  }

  counters(): ReturnType<VideoPlane['counters']> {
    return this.#video.counters();
  }

  /**
   * Carry out checked commands: all of them or none. They are in effect when this returns its promise, and on disk
   * when it resolves.
   * @param origin who asks, for the log: `api`, `window`, `tray`, `cli`, `demo` …
   * @throws CrosspointError of the first command that is refused
   */
  async execute(commands: readonly Command[], origin: string): Promise<CommandsResponse> {
    if (this.#disposed) throw new CrosspointError('unavailable', 'Crosspoint is stopping.');
    const [first] = commands;
    if (first && commands.length === 1 && isEngineCommand(first)) return this.#executeOwn(first, origin);
    const modelCommands = commands.filter((command): command is ModelCommand => !isEngineCommand(command));
    if (modelCommands.length !== commands.length)
      throw new CrosspointError('bad-request', `${ENGINE_COMMANDS.join(', ')} cannot be part of a list.`);

    const before = this.#model;
    const { model, results } = applyCommands(before, modelCommands, {
      newSecret: () => randomBytes(18).toString('base64url'),
      findLoop: (draft) => findCycle(audioDesired(draft), feedbackOf(draft, this.#audio.status.devices)),
      isOnline: (id) => this.state.status.devices[id]?.state === 'online',
    });
    const changes = diff(before, model);
    if (commands.some(({ type }) => !NOT_UNDOABLE.has(type)))
      this.#history.push(describeAll(commands, before), changes, coalesceKey(commands));
    const what = describeAll(commands, before);
    this.#scene.note(modelCommands);
    if (commands.some(({ type }) => type === 'panic')) this.#holds.releaseTalk();
    const fadeS = first?.type === 'scene.recall' && commands.length === 1 ? first.fadeS : 0;
    if (fadeS === 0) return this.#commit(model, changes, results, origin, what);
    const start = this.#scene.fade(before, model, fadeS * 1000);
    return this.#commit(start, diff(before, start), results, origin, what);
  }

  /** Peak levels, 25 times a second, while it is not disposed. */
  meter(ids: readonly (SourceId | DestinationId)[], onLevels: (levels: Levels) => void): Disposable {
    return this.#audio.meter(ids, onLevels);
  }

  /** Pictures of a source, or what a destination is being sent. See VideoPlane.follow. */
  follow(
    id: SourceId | DestinationId,
    options: PictureOptions,
    onJpeg: (jpeg: Uint8Array) => void,
  ): Disposable {
    const { sources, destinations } = this.#model;
    const channel = [...sources, ...destinations].find((candidate) => candidate.id === id);
    if (!channel) throw new CrosspointError('unknown-id', `There is no source or destination "${id}".`);
    if (channel.media !== 'video')
      throw new CrosspointError('wrong-media', `${channel.label} (${channel.id}) has no picture.`);
    return this.#video.follow(channel.id, options, onJpeg);
  }

  /** The last lines of a gadget's log and every new one. See GadgetsPlane.followLog. */
  followLog(
    id: string,
    onLines: (lines: readonly string[]) => void,
    onEnd: (reason: string) => void,
  ): Disposable {
    return this.#gadgets.followLog(findGadget(castDraft(this.#model), id).id, onLines, onEnd);
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    await this.#demo.dispose();
    this.#disposed = true;
    await this.#disposables.dispose();
  }

  async #executeOwn(command: EngineCommand, origin: string): Promise<CommandsResponse> {
    switch (command.type) {
      case 'undo':
      case 'redo':
        return this.#travel(command.type, origin);
      case 'demo.start':
        await this.#demo.start();
        break;
      case 'demo.stop':
        await this.#demo.stop();
        break;
      case 'solo':
      case 'unsolo':
      case 'solo.clear':
        this.#solo = nextSolo(this.#model, this.#solo, command);
        this.#applyAudio();
        break;
      case 'hold':
        if (this.#holds.hold(command.key, microphoneOf(this.#model, command.id), command.forMs))
          this.#tell(origin, describeAll([command], this.#model));
        break;
      case 'release':
        this.#holds.release(command.key, microphoneOf(this.#model, command.id));
        break;
      case 'latency.reset':
        await this.#audio.resetLatency(pathsOf(this.#model, command));
        break;
      case 'gadget.provision':
      case 'gadget.update-software':
      case 'gadget.rollback':
      case 'gadget.uninstall':
      case 'gadget.reboot':
      case 'gadget.identify':
      case 'gadget.check':
      case 'gadget.trust': {
        const result = await runGadgetCommand(command, this.#model, this.#gadgets);
        this.#log.info('command', { origin, what: describeAll([command], this.#model) });
        this.#refresh();
        return { revision: this.#revision, results: [result] };
      }
    }
    this.#refresh();
    return { revision: this.#revision, results: [{}] };
  }

  #applyHolds(): void {
    if (this.#disposed) return;
    this.#applyAudio();
    this.#scheduleRefresh();
  }

  #tell(origin: string, message: string): void {
    this.#happened.add({ kind: 'command', severity: 'info', origin, message });
  }

  #travel(direction: 'undo' | 'redo', origin: string): Promise<CommandsResponse> {
    const label = direction === 'undo' ? this.#history.undoLabel : this.#history.redoLabel;
    const step = direction === 'undo' ? this.#history.undo() : this.#history.redo();
    if (!step)
      throw new CrosspointError(
        direction === 'undo' ? 'nothing-to-undo' : 'nothing-to-redo',
        `There is nothing to ${direction}.`,
      );
    this.#refuseLocked(step.changes);
    this.#scene.endFade();
    const before = this.#model;
    const model = applyChanges(before, step.changes);
    step.commit();
    return this.#commit(model, diff(before, model), [{}], origin, `${direction} ${label ?? ''}`);
  }

  #refuseLocked(changes: readonly Change[]): void {
    for (const change of changes) {
      // Mute and panic work on locked destinations; so does taking them back.
      if (onlyMutes(change)) continue;
      const { collection, key } = change;
      const id =
        collection === 'routes'
          ? key.slice(key.indexOf('|') + 1)
          : collection === 'destinations'
            ? key
            : undefined;
      const destination = this.#model.destinations.find((candidate) => candidate.id === id);
      if (destination?.locked)
        throw new CrosspointError('locked', `${destination.label} (${destination.id}) is locked.`, {
          hint: 'Unlock it first.',
        });
    }
  }

  async #commit(
    model: Model,
    changes: readonly Change[],
    results: readonly CommandResult[],
    origin: string,
    what?: string,
  ): Promise<CommandsResponse> {
    if (changes.length === 0) return { revision: this.#revision, results };
    this.#model = model;
    const revision = ++this.#revision;
    if (what !== undefined) this.#log.info('command', { origin, what, revision });
    this.#applyToPlanes();
    this.#refresh();
    if (what !== undefined) this.#tell(origin, what);
    try {
      await this.#store.append(revision, changes, model);
      this.#noteSaved(undefined);
    } catch (error) {
      // It is in effect: an operator with a full disk can still mute. The problem stays until a save succeeds.
      this.#noteSaved(messageOf(error));
    }
    return { revision, results };
  }

  #noteSaved(failure: string | undefined): void {
    if (failure === this.#saveFailure) return;
    this.#saveFailure = failure;
    if (failure !== undefined) this.#log.error('the state could not be saved', { failure });
    this.#scheduleRefresh();
  }

  #adoptDevices(): void {
    const { devices } = this.#audio.status;
    if (devices === null || this.#disposed) return;
    const model = adoptDevices(this.#model, devices, this.#fresh);
    this.#fresh = false;
    if (model === this.#model) return;
    void this.#commit(model, diff(this.#model, model), [], 'devices', 'new sound devices');
  }

  #adoptCameras(): void {
    if (this.#disposed) return;
    // Cameras are looked for while the rest starts: on a new rig, until something is routed, all of them are the user's.
    const model = adoptCameras(
      this.#model,
      this.#video.status.cameras,
      this.#newRig && this.#model.routes.length === 0,
    );
    if (model === this.#model) return;
    void this.#commit(model, diff(this.#model, model), [], 'devices', 'new cameras');
  }

  #applyToPlanes(): void {
    this.#video.apply(videoDesired(this.#model));
    this.#gadgets.apply(gadgetsDesired(this.#model));
    this.#applyAudio();
  }

  #applyAudio(): void {
    this.#audio.apply(audioDesired(this.#model, this.#solo, this.#holds.held));
  }

  /** Reports come in bursts: one derivation for each turn of the event loop. */
  #scheduleRefresh(): void {
    if (this.#refreshScheduled) return;
    this.#refreshScheduled = true;
    setImmediate(() => {
      this.#refreshScheduled = false;
      if (!this.#disposed) this.#refresh();
    });
  }

  #saveProblems(): Problem[] {
    if (this.#saveFailure === undefined) return [];
    const hint = 'Changes work, but are lost at a restart. Make room on the disk.';
    return [{ id: 'save', severity: 'error', message: this.#saveFailure, hint }];
  }

  #refresh(): void {
    const status = deriveStatus(this.#model, {
      audio: this.#audio.status,
      video: this.#video.status,
      gadgets: this.#gadgets.status,
      history: { undo: this.#history.undoLabel, redo: this.#history.redoLabel },
      demo: this.#demo.running,
      solo: this.#solo,
      held: this.#holds.held,
      scene: this.#scene.status,
      problems: [...this.#saveProblems(), ...gadgetProblems(this.#model, this.#gadgets.status)],
    });
    const former = this.#document.state;
    const { config } = former;
    this.#document.set({
      revision: this.#revision,
      config: sameConfig(config, this.#model) ? config : configOf(this.#model),
      status,
    });
    this.#happened.add(...newsBetween(former, this.#document.state));
  }
}

const sameConfig = (config: State['config'], model: Model): boolean =>
  config.sources === model.sources &&
  config.destinations === model.destinations &&
  config.routes === model.routes &&
  config.scenes === model.scenes &&
  config.gadgets === model.gadgets &&
  config.groups === model.groups &&
  config.settings === model.settings;

function onlyMutes({ before, after }: Change): boolean {
  if (before === undefined || after === undefined) return false;
  const rest = (value: unknown): string => JSON.stringify({ ...(value as object), muted: null });
  return rest(before) === rest(after);
}

/** Moves of one fader make one step of the history. */
function coalesceKey(commands: readonly Command[]): string | undefined {
  const [command] = commands;
  if (commands.length !== 1 || command?.type !== 'setGain') return undefined;
  return `setGain ${command.id ?? `${command.source ?? ''}|${command.destination ?? ''}`}`;
}
