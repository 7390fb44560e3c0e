import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text as streamText } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cli, EngineProcess, temporaryDirectory } from '../../support/engine-process.ts';
import { startTestDaemon, type TestDaemon } from '../../support/pulse-daemons.ts';

const CLI = join(import.meta.dirname, '../../../out/cli.mjs');
const execute = promisify(execFile);

let sound: TestDaemon;
let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let engine: EngineProcess;
/** `crosspoint` as it is when it is installed. */
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  sound = await startTestDaemon('pulseaudio');
  directory = await temporaryDirectory('shells');
  engine = await EngineProcess.start({
    stateDir: join(directory.path, 'crosspoint'),
    args: ['--pulse', sound.address],
  });
  await engine.run(
    { type: 'camera.add', name: 'Front', kind: 'test', pattern: 'smpte' },
    { type: 'camera.add', name: 'Back', kind: 'test', pattern: 'smpte' },
    { type: 'gadget.add', name: 'Desk', host: null },
    { type: 'scene.save', name: 'Town hall' },
  );
  const program = join(directory.path, 'crosspoint-bin', 'crosspoint');
  await execute('mkdir', ['-p', join(directory.path, 'crosspoint-bin')]);
  await writeFile(program, `#!/bin/sh\nexec '${process.execPath}' '${CLI}' "$@"\n`);
  await chmod(program, 0o755);
  env = {
    ...process.env,
    PATH: `${join(directory.path, 'crosspoint-bin')}:${process.env.PATH ?? ''}`,
    XDG_STATE_HOME: directory.path,
    HOME: directory.path,
    // A shell that asks nothing and draws plainly.
    TERM: 'dumb',
  };
  for (const shell of ['bash', 'zsh', 'fish'])
    await writeFile(join(directory.path, shell), (await cli(['completion', shell])).stdout);
});
afterAll(async () => {
  await engine.stop();
  await sound.dispose();
  await directory.remove();
});

describe('bash completes', () => {
  const complete = async (line: string): Promise<string[]> => {
    const { stdout } = await execute(
      'bash',
      [
        ...['--noprofile', '--norc', '-uc'],
        `source "$1"; COMP_LINE=$2; COMP_POINT=\${#2}; read -ra COMP_WORDS <<<"$2"; COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _crosspoint; printf '%s\\n' "\${COMPREPLY[@]}"`,
        'bash',
        join(directory.path, 'bash'),
        line,
      ],
      { env },
    );
    return stdout.split('\n').filter((word) => word !== '');
  };

  test.each([
    ['crosspoint ro', ['route']],
    ['crosspoint scene re', ['recall']],
    ['crosspoint scene recall --me', ['--media']],
    ['crosspoint scene recall x --media ', ['audio', 'video']],
    ['crosspoint serve --log-level e', ['error']],
    ['crosspoint --state-dir /x completion f', ['fish']],
    // What stands before the last colon is on the line already.
    ['crosspoint route cam:', ['front', 'back']],
    ['crosspoint route --gain -6 cam:front desk.w', ['desk.webcam']],
    ['crosspoint scene recall ', ['Town\\ hall']],
    ['crosspoint camera add ', []],
    ['crosspoint undo ', []],
  ])('%s', async (line, words) => {
    expect((await complete(line)).sort()).toEqual([...words].sort());
  });

  test('files and directories where they belong', async () => {
    expect(await complete(`crosspoint diagnostics ${directory.path}/fi`)).toEqual([
      join(directory.path, 'fish'),
    ]);
    expect(await complete(`crosspoint status --state-dir ${directory.path}/crosspoint-`)).toEqual([
      join(directory.path, 'crosspoint-bin'),
    ]);
  });

  test('nothing, and without a complaint, where no engine runs', async () => {
    expect(await complete(`crosspoint route --state-dir ${directory.path}/none cam`)).toEqual([]);
  });
});

test.each([
  ['crosspoint scene re', ['recall']],
  ['crosspoint route cam:f', ['cam:front']],
  ['crosspoint scene recall T', ['Town hall']],
  ['crosspoint camera add x --test man', ['mandelbrot']],
])('fish completes %s', async (line, words) => {
  const { stdout } = await execute(
    'fish',
    ['-N', '-c', `source $argv[1]; complete -C $argv[2]`, join(directory.path, 'fish'), line],
    { env },
  );
  expect(
    stdout
      .trim()
      .split('\n')
      .map((text) => text.split('\t')[0]),
  ).toEqual(words);
});

test.each([
  ['crosspoint scene reca', 'crosspoint scene recall'],
  ['crosspoint route cam:front desk.w', 'crosspoint route cam:front desk.webcam'],
  ['crosspoint scene recall x --media v', 'crosspoint scene recall x --media video'],
])('zsh completes %s on a terminal', async (line, completed) => {
  // A pseudo-terminal of zsh's own; the line is completed, put into quotes and printed.
  const script = `
    zmodload zsh/zpty
    zpty shell zsh -f
    zpty -w shell 'PS1=; unsetopt zle_bracketed_paste; autoload -Uz compinit; compinit -u -D; source ${join(directory.path, 'zsh')}; bindkey "^I" complete-word; quote() { BUFFER="print -r -- result=\${(q)BUFFER}" }; zle -N quote; bindkey "^O" quote; print ready'
    zpty -r -m shell reply $'*\\nready*'
    zpty -n -w shell "$1"$'\\t\\x0f\\n'
    zpty -r -m shell reply $'*\\nresult=*\\n'
    print -r -- "\${reply##*result=}"
    zpty -d shell`;
  const child = spawn('zsh', ['-f', '-c', script, 'zsh', line], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stdout.on('data', (data: Buffer) => (said += data.toString()));
  await once(child, 'close');
  expect(said.trim()).toBe(completed);
});

describe('the man page', () => {
  test('is clean for groff and mandoc, and has every command', async () => {
    const page = (await cli(['man'])).stdout;
    const file = join(directory.path, 'crosspoint.1');
    await writeFile(file, page);
    const groff = await execute('groff', ['-man', '-ww', '-Tutf8', '-P-cbou', file]);
    expect(groff.stderr).toBe('');
    // Mandoc ends with 2 for the date that a page of a version, not of a day, does not have.
    const lint = spawn('mandoc', ['-T', 'lint', '-W', 'warning', file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const complaints = (await streamText(lint.stdout)).trim().split('\n');
    expect(complaints.filter((line) => !line.includes('missing date'))).toEqual([]);
    const text = groff.stdout.replace(/\s+/g, ' ');
    for (const command of [
      'serve',
      'route <source> <destination>',
      'scene recall <name>',
      'gadget provision <id>',
    ])
      expect(text).toContain(command);
  });
});

describe('--json', () => {
  const run = (...args: string[]) => cli([...args, '--json'], { XDG_STATE_HOME: directory.path });

  test('errors are one line of JSON, with the code of the API', async () => {
    const failed = await run('route', 'nobody', 'desk.webcam');
    expect(failed).toMatchObject({ code: 1, stdout: '' });
    expect(JSON.parse(failed.stderr)).toMatchObject({ error: { code: 'unknown-id' } });
    const misused = await run('route', 'cam:front');
    expect(misused).toMatchObject({ code: 2, stdout: '' });
    expect(JSON.parse(misused.stderr)).toMatchObject({ error: { code: 'bad-request' } });
  });

  test.each([
    [['status'], { config: {}, status: {} }],
    [['gain', 'desk.mic', '-6'], { results: [{}] }],
    [['lock', 'desk.webcam'], { results: [{}] }],
    [['rename', 'cam:back', 'Rear'], { results: [{}] }],
    [['program', 'add', 'Recorder'], { results: [{ id: 'program:recorder' }] }],
    [['send', '[{"type":"mute","id":"desk.mic"},{"type":"panic"}]'], { results: [{}, {}] }],
    [['gadget', 'config', 'desk', '--box', 'box.local'], { path: '/etc/crosspoint/gadget.conf' }],
  ])('%j', async (args, answer) => {
    const { code, stdout, stderr } = await run(...args);
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject(answer);
  });

  test('lists', async () => {
    expect(JSON.parse((await run('scene', 'list')).stdout)).toEqual(['Town hall']);
    expect(JSON.parse((await run('ids', 'gadgets')).stdout)).toEqual(['desk']);
    expect((JSON.parse((await run('log')).stdout) as { message: string }[]).length).toBeGreaterThan(0);
    expect((await cli(['ids', 'audio'], { XDG_STATE_HOME: directory.path })).stdout).toContain('desk.mic\n');
  });
});
