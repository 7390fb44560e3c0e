import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { announce, findEngine, lockDirectory } from '../../../electron/engine/instance.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'crosspoint-instance-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

test('a second engine on the same directory is refused, and may come when the first has gone', async () => {
  const lock = await lockDirectory(directory);
  await expect(lockDirectory(directory)).rejects.toMatchObject({
    code: 'state-locked',
    message: expect.stringContaining(String(process.pid)) as string,
  });
  await lock.dispose();
  await (await lockDirectory(directory)).dispose();
  expect(readdirSync(directory)).toEqual([]);
});

test('the lock of a process that was killed does not hold, even when its id is in use again', async () => {
  const gone = spawnSync('/bin/true').pid;
  writeFileSync(join(directory, 'engine.lock'), `${gone} 12345`);
  await (await lockDirectory(directory)).dispose();
  writeFileSync(join(directory, 'engine.lock'), `${process.pid} 1`);
  await (await lockDirectory(directory)).dispose();
});

test('the command line finds a running engine, and no dead one; others cannot read the token', async () => {
  expect(findEngine(directory)).toBeUndefined();
  const address = {
    pid: process.pid,
    http: 'http://127.0.0.1:1',
    rtmp: 'rtmp://127.0.0.1:2',
    token: 'secret',
  };
  const file = announce(directory, address);
  expect(findEngine(directory)).toEqual(address);
  expect(statSync(join(directory, 'engine.json')).mode & 0o777).toBe(0o600);
  await file.dispose();
  expect(findEngine(directory)).toBeUndefined();
  announce(directory, { ...address, pid: spawnSync('/bin/true').pid });
  expect(findEngine(directory)).toBeUndefined();
  expect(readFileSync(join(directory, 'engine.json'), 'utf8')).toContain('secret');
});
