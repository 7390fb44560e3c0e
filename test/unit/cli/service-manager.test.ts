import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { serviceManager } from '../../../electron/cli/service-manager.ts';

let folder: string;
let program: string;

/** In the place of systemd-notify: notes what it is told. The real one is in `npm run test:packages`. */
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crosspoint-notify-'));
  program = join(folder, 'notify');
  const noted = join(folder, 'noted');
  writeFileSync(program, `#!/bin/sh\nprintf '%s\\n' "$NOTIFY_SOCKET" "$@" > '${noted}'\n`, { mode: 0o755 });
});
afterEach(() => rmSync(folder, { recursive: true }));

it('is told that the service is ready', async () => {
  await serviceManager({ NOTIFY_SOCKET: '/run/user/1/notify' }, program)('at http://127.0.0.1:7788');
  expect(readFileSync(join(folder, 'noted'), 'utf8').trim().split('\n')).toEqual([
    '/run/user/1/notify',
    '--ready',
    '--status=at http://127.0.0.1:7788',
  ]);
});

it('is not known to the programs that are started later: they would speak in our name', () => {
  const environment = { NOTIFY_SOCKET: '@notify', HOME: '/' };
  serviceManager(environment, program);
  expect(environment).toEqual({ HOME: '/' });
});

it('is not looked for where none waits', async () => {
  await serviceManager({}, join(folder, 'nothing'))('ready');
});

it('that cannot be told is an error', async () => {
  await expect(serviceManager({ NOTIFY_SOCKET: '@x' }, join(folder, 'nothing'))('ready')).rejects.toThrow(
    'ENOENT',
  );
});
