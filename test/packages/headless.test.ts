import { afterAll, beforeAll, expect, test } from 'vitest';
import { type State } from '../../electron/contract/index.ts';
import { CleanSystem } from '../support/clean-system.ts';
import { buildHeadless, contentsOf, packageFolder, version } from '../support/packages.ts';

/**
 * The life of the package on a Debian that has never heard of Crosspoint: the tests are one story, told in order. Both
 * architectures of the gadgets' package are in it.
 */
const OPERATOR = { name: 'ada', uid: 1000 };
const HTTP = 'http://127.0.0.1:7788';

const folder = packageFolder();
let system: CleanSystem;
let first: string;
let second: string;
let before: ReadonlySet<string>;
let key: string;

const operator = (command: string) => system.ok(command, OPERATOR);
const service = (verb: string) => system.run(`systemctl --user ${verb} crosspoint`, OPERATOR);
const mainPid = async (): Promise<number> =>
  Number(await operator('systemctl --user show --property=MainPID --value crosspoint'));
const state = async (): Promise<State> => JSON.parse(await operator('crosspoint status --json')) as State;
/** Programs of the package, and what it has started. */
const ours = async () =>
  (await system.programs()).filter(
    ({ name, command }) =>
      command.includes('crosspoint-headless') || ['ffmpeg', 'node', 'crosspoint-mixe'].includes(name),
  );
/** What a path of the API answers, asked from inside. */
const fetched = (path: string, what = 'r.text()') =>
  operator(`node -e 'fetch("${HTTP}${path}").then(async r=>console.log(r.status, await ${what}))'`);

beforeAll(async () => {
  first = await buildHeadless(folder.path, { gadgets: 'arm64,amd64' });
  second = await buildHeadless(folder.path, { gadgets: 'arm64,amd64', revision: '2' });
  system = await CleanSystem.make();
  await system.prepare('apt-get', 'update', '--quiet');
});
afterAll(async () => {
  await system.dispose();
  folder.remove();
});

test('apt installs it with what it needs', async () => {
  const path = system.put(first);
  await system.prepare('apt-get', 'install', '--yes', '--quiet', '--no-install-recommends', path);
  await system.boot();
  expect(await system.ok('crosspoint --version')).toBe(version());
  expect(await system.ok("dpkg-query -W -f '${db:Status-Abbrev}' crosspoint-headless")).toBe('ii');
  expect(await system.ok('ls /usr/share/crosspoint-headless/gadget-packages')).toBe(
    'crosspoint-gadget_0.1.0_amd64.deb\ncrosspoint-gadget_0.1.0_arm64.deb',
  );
  // Nothing runs that nobody asked for.
  expect(await ours()).toEqual([]);
  await system.ok(`useradd --create-home --uid ${OPERATOR.uid} --shell /bin/sh ${OPERATOR.name}`);
  before = await system.files();
});

test("a user's service manager starts it, also with nobody logged in", async () => {
  await system.ok(`loginctl enable-linger ${OPERATOR.name}`);
  await system.until('the manager of the user runs', async () => {
    const { stdout } = await system.run('systemctl --user is-system-running', OPERATOR);
    return /running|degraded/.test(stdout);
  });
  await operator(
    'mkdir -p .config/crosspoint && echo CROSSPOINT_OPTIONS=--demo > .config/crosspoint/serve.env',
  );
  // Returns when the engine says that it is ready, or fails.
  await operator('systemctl --user enable --now crosspoint');
  expect(await operator('systemctl --user show --property=StatusText --value crosspoint')).toBe(`at ${HTTP}`);
  expect(await fetched('/')).toMatch(/^200 [\s\S]*<title>Crosspoint<\/title>/);
  expect(await fetched('/healthz')).toMatch(/^200/);
});

test('it does its job: a route, pictures of it, and an RTMP publisher', async () => {
  const demo = await state();
  const camera = demo.config.sources.find((source) => source.kind === 'camera');
  const webcam = demo.config.destinations.find((destination) => destination.kind === 'webcam');
  expect(camera && webcam).toBeTruthy();
  await operator(`crosspoint route '${camera?.id}' '${webcam?.id}'`);
  const flows = async (source: string): Promise<boolean> =>
    ['live', 'degraded'].includes((await state()).status.cells[`${source}|${webcam?.id}`]?.state ?? '');
  await system.until('the camera is on the webcam', () => flows(camera?.id ?? ''));
  expect(await fetched(`/api/video/${webcam?.id}.jpg`, '(await r.arrayBuffer()).byteLength')).toMatch(
    /^200 \d{4,}$/,
  );

  const added = await operator('crosspoint ingest add OBS');
  key = /^key (\S+)$/m.exec(added)?.[1] ?? '';
  expect(key).not.toBe('');
  await operator(`crosspoint route ingest:obs '${webcam?.id}'`);
  const publishing = operator(
    'timeout 60 ffmpeg -nostdin -loglevel error -re -f lavfi -i testsrc2=size=640x360:rate=15 -t 40 ' +
      `-c:v libx264 -preset ultrafast -tune zerolatency -g 15 -f flv rtmp://127.0.0.1:1935/live/${key}`,
  ).catch(() => undefined);
  await system.until('the publisher is on the webcam', () => flows('ingest:obs'));
  for (const { name, pid, command } of await ours())
    if (name === 'ffmpeg' && command.includes(key)) await operator(`kill ${pid}`).catch(() => undefined);
  await publishing;
});

test('doctor has nothing to say against the machine', async () => {
  const { code, stdout } = await system.run('crosspoint doctor', OPERATOR);
  expect(stdout).not.toContain('FAILED');
  expect(code).toBe(0);
});

test('an upgrade cuts nobody off; the routing is kept', async () => {
  const pid = await mainPid();
  const path = system.put(second);
  const said = await system.ok(`apt-get install --yes --quiet --no-install-recommends ${path} 2>&1`);
  expect(said).toContain('systemctl --user restart crosspoint');
  expect(await system.ok("dpkg-query -W -f '${Version}' crosspoint-headless")).toBe(`${version()}-2`);
  expect(await mainPid()).toBe(pid);
  expect((await service('is-active')).stdout.trim()).toBe('active');

  const { config } = await state();
  await operator('systemctl --user restart crosspoint');
  expect(await mainPid()).not.toBe(pid);
  const restarted = (await state()).config;
  expect(restarted.routes).toEqual(config.routes);
  expect(restarted.sources.map(({ id }) => id)).toEqual(
    expect.arrayContaining(config.sources.map(({ id }) => id)),
  );
  expect(await operator('crosspoint ingest key ingest:obs')).toBe(key);
});

test('an engine that dies comes back by itself; sound goes on meanwhile, and nothing else is left of it', async () => {
  const pid = await mainPid();
  const mixers = async () =>
    (await ours()).filter(({ name }) => name === 'crosspoint-mixe').map((mixer) => mixer.pid);
  await operator(`crosspoint send '{"type":"settings.update","soundMixer":"own"}'`);
  await system.until('our own mixer mixes', async () => (await mixers()).length === 1);
  const mixing = await mixers();
  await operator(`kill -KILL ${pid}`);
  await system.until('another one runs', async () => ![0, pid].includes(await mainPid()));
  await system.until('it is ready', async () => (await service('is-active')).stdout.trim() === 'active');
  expect((await state()).config.routes.length).toBeGreaterThan(0);
  expect(await mixers()).toEqual(mixing);
  const now = await mainPid();
  await system.until('all programs for pictures are those of the new one', async () =>
    (await ours()).every(({ name, parent }) => name !== 'ffmpeg' || parent === now),
  );
});

test('removing it ends what runs, within seconds', async () => {
  await system.ok('apt-get remove --yes --quiet crosspoint-headless');
  expect(await ours()).toEqual([]);
  expect((await system.run('command -v crosspoint')).code).not.toBe(0);
});

test("when it is purged, nothing of it is left but the user's own", async () => {
  await system.ok('apt-get purge --yes --quiet crosspoint-headless');
  const ours = [...(await contentsOf(second)).keys()].filter((path) => path.includes('crosspoint'));
  const after = await system.files();
  expect(ours.filter((path) => after.has(`/${path.replace(/\/$/, '')}`))).toEqual([]);
  // Neither did it make anything while it ran.
  expect([...after].filter((path) => !before.has(path))).toEqual([]);
  expect((await system.run('dpkg-query -W crosspoint-headless')).code).not.toBe(0);
  expect(await operator('cat .local/state/crosspoint/state.json')).toContain('ingest:obs');
});
