import { readFile, writeFile } from 'node:fs/promises';
import { type Command as Program } from 'commander';
import { CrosspointError, formatSceneFile, parseSceneFile } from '../contract/index.ts';
import { Client, type ClientFlags } from './client.ts';
import { command, firstOf, print } from './command.ts';
import { overFile } from './files.ts';

/** `scene export` and `scene import`: scenes as files, to keep them or to take them to another box. */
export function registerSceneFileCommands(scene: Program): void {
  const exported = command(scene, 'export <name> <file>', 'write it to a file; - is the terminal');
  exported.action(async () => {
    const [name = '', file = ''] = exported.args;
    const { config } = await new Client(exported.opts<ClientFlags>()).state();
    const found = config.scenes.find((candidate) => candidate.name === name);
    if (!found) throw new CrosspointError('unknown-id', `There is no scene "${name}".`, { path: 'name' });
    if (file === '-') process.stdout.write(formatSceneFile(found));
    else await overFile(file, 'written', () => writeFile(file, formatSceneFile(found)));
  });

  const imported = command(scene, 'import <file>', 'add the scene of a file; nothing is recalled');
  imported.action(async () => {
    const flags = imported.opts<ClientFlags & { json?: boolean }>();
    const file = firstOf(imported.args);
    const read = parseSceneFile(await overFile(file, 'read', () => readFile(file, 'utf8')));
    const response = await new Client(flags).commands({ type: 'scene.import', scene: read });
    print(flags.json === true ? JSON.stringify(response) : String(response.results[0]?.name));
  });
}
