import { Destination, parseCommand, Source } from '../../electron/contract/index.ts';
import {
  applyCommands,
  type CommandContext,
  type ModelCommand,
} from '../../electron/engine/commands/index.ts';
import { EMPTY_MODEL, type Model } from '../../electron/engine/store/model.ts';

let secrets = 0;
export const testContext: CommandContext = {
  newSecret: () => `secret-${++secrets}`,
  isOnline: () => false,
  findLoop: () => null,
};

/** The model after these commands. */
export function modelOf(commands: readonly unknown[], from: Model = EMPTY_MODEL): Model {
  return applyCommands(from, commands.map((command) => parseCommand(command)) as ModelCommand[], testContext)
    .model;
}

/** Two gadgets, two cameras, one microphone, one speaker; nothing routed. */
export const RIG: Model = (() => {
  const model = modelOf([
    { type: 'gadget.add', name: 'Desk' },
    { type: 'gadget.add', name: 'Office' },
    { type: 'camera.add', name: 'Front', kind: 'test' },
    { type: 'camera.add', name: 'Back', kind: 'test', pattern: 'red' },
    { type: 'program.add', name: 'Recorder' },
  ]);
  return {
    ...model,
    sources: [
      ...model.sources,
      Source.parse({
        kind: 'microphone',
        id: 'mic:desk',
        media: 'audio',
        label: 'Desk mic',
        device: 'desk',
      }),
    ],
    destinations: [
      ...model.destinations,
      Destination.parse({
        kind: 'speaker',
        id: 'speaker:room',
        media: 'audio',
        label: 'Room',
        device: 'room',
      }),
    ],
  };
})();
