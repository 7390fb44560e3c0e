import { once } from 'node:events';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silentLogger } from '../../../electron/base/logger.ts';
import { Supervisor } from '../../../electron/engine/supervisor.ts';

let supervisor: Supervisor;
beforeEach(() => {
  supervisor = new Supervisor(silentLogger);
});
afterEach(() => supervisor.dispose());

const shell = (script: string, stdin: 'pipe' | 'ignore' = 'ignore', extraOutputs = 0) =>
  supervisor.start({
    name: 'test',
    command: '/bin/sh',
    args: ['-c', script],
    stdin,
    stdout: 'pipe',
    extraOutputs,
  });

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test('a child that ends by itself tells how, and what it said last', async () => {
  const child = shell('echo trouble >&2; exit 3');
  expect(await child.exited).toEqual({ code: 3, signal: null });
  expect(child.stderrTail()).toBe('trouble\n');
  expect(supervisor.running).toEqual([]);
});

test('a program that does not exist is an exit, not an exception', async () => {
  const child = supervisor.start({ name: 'none', command: '/nonexistent/program', args: [] });
  expect((await child.exited).error?.message).toContain('ENOENT');
  expect((await child.stop()).error).toBeDefined();
});

test('further outputs can be read', async () => {
  const child = shell('echo one >&3; echo two >&4', 'ignore', 2);
  const texts = await Promise.all(
    child.extraOutputs.map(async (stream) => String((await once(stream, 'data')) as [Buffer])),
  );
  expect(texts).toEqual(['one\n', 'two\n']);
});

test('one that ignores SIGTERM is killed after its grace', async () => {
  const child = shell('trap "" TERM; echo ready; while :; do read -r line || exit; done', 'pipe');
  await once(child.stdout!, 'data');
  expect(await child.stop(50)).toEqual({ code: null, signal: 'SIGKILL' });
});

test('none outlives the supervisor, and none is started after it', async () => {
  const children = [shell('read -r line', 'pipe'), shell('read -r line', 'pipe')];
  const pids = children.map(({ pid }) => pid!);
  expect(supervisor.running.map(({ pid }) => pid)).toEqual(pids);
  await supervisor.dispose();
  expect(pids.filter(alive)).toEqual([]);
  expect((await shell('exit 0').exited).error?.message).toContain('stopping');
});
