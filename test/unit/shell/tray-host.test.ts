import { expect, it } from 'vitest';
import { type Ask, hasTrayHost } from '../../../electron/shell/tray-host.ts';

const answering =
  (answers: Readonly<Record<string, string>>): Ask =>
  (program) =>
    Promise.resolve(answers[program] ?? null);

it.each([
  ['busctl', 'b true\n', true],
  ['busctl', 'b false\n', false],
  ['gdbus', '(true,)\n', true],
  ['gdbus', '(false,)\n', false],
  ['dbus-send', 'method return time=1 sender=x\n   boolean true\n', true],
  ['dbus-send', '   boolean false\n', false],
])('%s answering %j means %s', async (program, answer, expected) => {
  expect(await hasTrayHost(answering({ [program]: answer }))).toBe(expected);
});

it('without a session bus nobody shows a tray', async () => {
  expect(await hasTrayHost(answering({}))).toBe(false);
});

it('asks for the name of the StatusNotifierItem watcher', async () => {
  const asked: string[] = [];
  await hasTrayHost((program, args) => {
    asked.push(`${program} ${args.join(' ')}`);
    return Promise.resolve(null);
  });
  expect(asked).toHaveLength(3);
  for (const question of asked) expect(question).toMatch(/NameHasOwner.*org\.kde\.StatusNotifierWatcher/);
});
