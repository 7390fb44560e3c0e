import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EngineProcess, temporaryDirectory } from '../../support/engine-process.ts';
import { startTestDaemon, type TestDaemon } from '../../support/pulse-daemons.ts';

const DOCS = join(import.meta.dirname, '../../../docs');

let sound: TestDaemon;
let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let engine: EngineProcess;
/** Labels of each metric that has a sample. */
const labels = new Map<string, Set<string>>();

beforeAll(async () => {
  sound = await startTestDaemon('pulseaudio');
  directory = await temporaryDirectory('metrics');
  engine = await EngineProcess.start({
    stateDir: directory.path,
    args: ['--demo', '--pulse', sound.address],
  });
  await engine.until(
    'the gadgets report, the sound flows',
    ({ status }) =>
      Object.values(status.gadgets).every(
        ({ stats, sound: heard }) => stats && heard?.returnMs !== undefined,
      ) && Object.values(status.cells).some(({ latencyMs }) => latencyMs !== undefined),
    30_000,
  );
  const text = await (await fetch(`${engine.http}/api/metrics`)).text();
  for (const [, name = '', inside = ''] of text.matchAll(/^(\w+)(?:\{(.*)\})? \S+$/gm)) {
    const known = labels.get(name) ?? new Set<string>();
    for (const [, label = ''] of inside.matchAll(/(\w+)="/g)) known.add(label);
    labels.set(name, known);
  }
});
afterAll(async () => {
  await engine.stop();
  await sound.dispose();
  await directory.remove();
});

/** Prometheus itself adds them to what it scrapes. */
const ADDED = ['job', 'instance'];
const FUNCTIONS = new Set(['rate', 'increase', 'sum', 'max', 'by', 'label_values']);

/** Every name in a query that is neither a function nor within braces, brackets or quotes. */
function metricsIn(query: string): string[] {
  const bare = query.replace(/\{[^}]*\}|\[[^\]]*\]|\([\w, ]*\) \(/g, ' ');
  return [...bare.matchAll(/[a-z_][a-z0-9_]+/g)].map(([name]) => name).filter((name) => !FUNCTIONS.has(name));
}

function check(query: string): void {
  const metrics = metricsIn(query).filter((name) => name !== 'up');
  for (const name of metrics) expect([...labels.keys()], query).toContain(name);
  for (const [, name = '', inside = ''] of query.matchAll(/(\w+)\{([^}]*)\}/g))
    for (const [, label = ''] of inside.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g))
      expect([...(labels.get(name) ?? []), ...ADDED], `${label} in ${query}`).toContain(label);
}

interface Panel {
  readonly type: string;
  readonly title: string;
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}
interface Dashboard {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition?: string }[] };
}

describe('the dashboard', () => {
  let dashboard: Dashboard;
  beforeAll(async () => {
    dashboard = JSON.parse(await readFile(join(DOCS, 'grafana/crosspoint.json'), 'utf8')) as Dashboard;
  });

  test('asks for metrics and labels that a running engine has', () => {
    const queries = dashboard.panels.flatMap(({ targets = [] }) => targets);
    expect(queries.length).toBeGreaterThan(20);
    for (const { expr, legendFormat } of queries) {
      expect(metricsIn(expr).length, expr).toBeGreaterThan(0);
      check(expr);
      const known = [...(labels.get(metricsIn(expr)[0] ?? '') ?? []), ...ADDED];
      for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) expect(known).toContain(label);
    }
  });

  test('uses no variable that it does not have, and no panel stands on another', () => {
    const { list } = dashboard.templating;
    const names = new Set([...list.map(({ name }) => name), '__rate_interval']);
    for (const [, name = ''] of JSON.stringify(dashboard).matchAll(/\$\{?(\w+)\}?/g))
      expect([...names]).toContain(name);
    for (const { definition } of list)
      if (definition !== undefined) check(definition.replace(/^label_values\(|, \w+\)$/g, ''));
    const places = new Set<string>();
    for (const { gridPos } of dashboard.panels as readonly (Panel & {
      gridPos: { x: number; y: number; w: number; h: number };
    })[])
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(places.has(`${x},${y}`)).toBe(false);
          places.add(`${x},${y}`);
        }
  });
});

test('the alerting rules ask for metrics and labels that a running engine has', async () => {
  const rules = await readFile(join(DOCS, 'grafana/alerts.yml'), 'utf8');
  const queries = [...rules.matchAll(/^ +expr: (.+)$/gm)].map(([, query = '']) => query);
  expect(queries.length).toBe([...rules.matchAll(/- alert: /g)].length);
  for (const query of queries) check(query.replace(/by \([^)]*\)/, ''));
});

test('the page about monitoring names every metric that there is, and no other', async () => {
  const page = await readFile(join(DOCS, 'monitoring.md'), 'utf8');
  const named = [...page.matchAll(/`((?:crosspoint|process)_\w+)`/g)].map(([, name]) => name);
  expect(named.sort()).toEqual([...labels.keys()].sort());
});
