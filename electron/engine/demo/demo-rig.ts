import { type ChildRunner } from '../../base/child-process.ts';
import { type Disposable, DisposableStore } from '../../base/disposable.ts';
import { type Logger } from '../../base/logger.ts';
import { type Event } from '../../base/emitter.ts';
import {
  type Command,
  type CommandInput,
  type CommandsResponse,
  CrosspointError,
  parseCommands,
  type ServerEvent,
  type State,
} from '../../contract/index.ts';
import { DemoPublisher } from './demo-publisher.ts';
import { DemoSound } from './demo-sound.ts';
import { type SoundConnector } from './sound-session.ts';
import { VirtualGadget } from './virtual-gadget.ts';

/** A rig without hardware, through the same code as a real one. Its channels are part of the config while it is there. */
export interface DemoRig extends Disposable {
  readonly running: boolean;
  /** Resolves when everything of it has been started; what takes time comes up by itself. */
  start(): Promise<void>;
  /** Ends it and takes its channels out of the config. */
  stop(): Promise<void>;
}

export interface DemoRigOptions {
  readonly log: Logger;
  readonly children: ChildRunner;
  /** The engine's own command layer. */
  readonly engine: {
    readonly state: State;
    readonly onEvent: Event<ServerEvent>;
    execute(commands: readonly Command[], origin: string): Promise<CommandsResponse>;
  };
  /** `rtmp://127.0.0.1:1935` */
  readonly rtmpUrl: () => string;
  readonly connect: SoundConnector;
  readonly ffmpeg: () => string | undefined;
}

const CAMERA = 'cam:demo-camera';
const INGEST = 'ingest:demo-phone';
const MICROPHONE = 'mic:demo-tone';
const SPEAKER = 'speaker:demo-speaker';
const GADGETS = [
  {
    id: 'demo-laptop',
    name: 'Demo laptop',
    tally: { webcam: true, mic: true, speaker: true },
    chordHz: [220, 277, 330],
  },
  {
    id: 'demo-desktop',
    name: 'Demo desktop',
    tally: { webcam: true, mic: false, speaker: true },
    chordHz: [165, 247],
  },
] as const;

export const isDemoConfig = ({ config }: State): boolean =>
  config.gadgets.some(({ id }) => id === GADGETS[0].id);

export function createDemoRig(options: DemoRigOptions): DemoRig {
  let running: DisposableStore | undefined;
  const { engine } = options;
  const execute = (...commands: CommandInput[]): Promise<CommandsResponse> =>
    engine.execute(parseCommands(commands), 'demo');
  const has = (id: string): boolean =>
    [
      ...engine.state.config.sources,
      ...engine.state.config.destinations,
      ...engine.state.config.gadgets,
    ].some((entity) => entity.id === id);
  const secretOf = async (id: string): Promise<string> => {
    const result = (await execute({ type: 'reveal', id })).results[0] ?? {};
    return String(result.key ?? result.token);
  };

  /** Adds what is not there yet; a rig that was there before keeps its routes. */
  async function addChannels(): Promise<void> {
    const isNew = !has(GADGETS[0].id);
    if (!has(CAMERA))
      await execute({ type: 'camera.add', name: 'Demo camera', kind: 'test', pattern: 'clock' });
    if (!has(INGEST)) await execute({ type: 'ingest.add', name: 'Demo phone' });
    for (const { id, name } of GADGETS) if (!has(id)) await execute({ type: 'gadget.add', name });
    if (isNew)
      await execute(
        { type: 'route', source: CAMERA, destination: 'demo-laptop.webcam' },
        { type: 'route', source: INGEST, destination: 'demo-desktop.webcam' },
      );
  }

  /** The sound devices get their routes when the engine has found them. */
  function routeSoundWhenThere(parts: DisposableStore): void {
    const wanted = new Map<string, readonly CommandInput[]>([
      [MICROPHONE, [{ type: 'route', source: MICROPHONE, destination: 'demo-laptop.mic', gain: -6 }]],
      [
        SPEAKER,
        [
          { type: 'route', source: 'demo-laptop.return', destination: SPEAKER },
          { type: 'route', source: 'demo-desktop.return', destination: SPEAKER, gain: -6 },
        ],
      ],
    ]);
    const routeFound = (): void => {
      for (const [id, routes] of wanted) {
        if (!has(id)) continue;
        wanted.delete(id);
        execute({ type: 'unmute', id }, ...routes).catch(logFailure);
      }
    };
    parts.add(engine.onEvent(routeFound));
    routeFound();
  }

  async function start(): Promise<void> {
    if (running) return;
    const parts = new DisposableStore();
    running = parts;
    try {
      const isNew = !has(GADGETS[0].id);
      await addChannels();
      if (isNew) routeSoundWhenThere(parts);
      parts.add(
        new DemoPublisher({ ...options, url: `${options.rtmpUrl()}/live/${await secretOf(INGEST)}` }),
      );
      parts.add(new DemoSound(options));
      for (const { id, tally, chordHz } of GADGETS)
        parts.add(
          new VirtualGadget({
            ...options,
            id,
            url: `${options.rtmpUrl()}/gadget/${id}?token=${await secretOf(id)}`,
            tally,
            chordHz,
          }),
        );
    } catch (error) {
      running = undefined;
      await parts.dispose();
      throw error;
    }
  }
  const logFailure = (error: unknown): void =>
    options.log.warn('the demo rig could not be routed', { error: String(error) });

  async function end(): Promise<void> {
    const parts = running;
    running = undefined;
    await parts?.dispose();
  }

  async function stop(): Promise<void> {
    if (!running && !isDemoConfig(engine.state))
      throw new CrosspointError('not-found', 'The demo rig is not running.');
    await end();
    const removals: CommandInput[] = [
      ...(has(CAMERA) ? [{ type: 'camera.remove', id: CAMERA } as const] : []),
      ...(has(INGEST) ? [{ type: 'ingest.remove', id: INGEST } as const] : []),
      ...GADGETS.filter(({ id }) => has(id)).map(({ id }) => ({ type: 'gadget.remove', id }) as const),
    ];
    if (removals.length > 0) await execute(...removals);
  }

  return {
    get running() {
      return running !== undefined;
    },
    start,
    stop,
    dispose: end,
  };
}
