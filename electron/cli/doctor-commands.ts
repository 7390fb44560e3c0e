import { writeFile } from 'node:fs/promises';
import { type Command as Program } from 'commander';
import { CrosspointError, messageOf } from '../contract/index.ts';
import { findingsText, makeDiagnostics } from '../engine/doctor/diagnostics.ts';
import { type DoctorOptions, type Finding, runDoctor } from '../engine/doctor/index.ts';
import { findEngine } from '../engine/instance.ts';
import { defaultStateDir } from '../engine/paths.ts';
import { VERSION } from '../version.ts';
import { Client } from './client.ts';

interface Flags {
  readonly stateDir: string;
  readonly json?: boolean;
}

/** A running engine that answers; undefined: none. */
async function askEngine(
  stateDir: string,
): Promise<{ engine: DoctorOptions['engine']; client: Client } | undefined> {
  const found = findEngine(stateDir);
  if (!found) return undefined;
  const client = new Client({ stateDir });
  return { client, engine: { http: found.http, rtmp: found.rtmp, state: await client.state() } };
}

async function examine(stateDir: string): Promise<{ findings: Finding[]; client: Client | undefined }> {
  let asked: Awaited<ReturnType<typeof askEngine>>;
  const extra: Finding[] = [];
  try {
    asked = await askEngine(stateDir);
  } catch (error) {
    extra.push({ id: 'engine', title: 'engine', state: 'failed', detail: messageOf(error) });
  }
  const engine = asked?.engine;
  const findings = await runDoctor({ stateDir, env: process.env, ...(engine ? { engine } : {}) });
  return { findings: [...extra, ...findings], client: asked?.client };
}

/** `doctor` and `diagnostics`: they work with and without a running engine. */
export function registerDoctorCommands(program: Program): void {
  program
    .command('doctor')
    .description('look for what could be wrong with this machine, and say what to do')
    .option('--state-dir <dir>', 'of the engine to look at', defaultStateDir())
    .option('--json', 'print the findings as JSON')
    .action(async ({ stateDir, json }: Flags) => {
      const { findings } = await examine(stateDir);
      process.stdout.write(`${json === true ? JSON.stringify(findings) : findingsText(findings)}\n`);
      const failed = findings.filter(({ state }) => state === 'failed').length;
      if (failed > 0)
        throw new CrosspointError('unavailable', `${failed} of ${findings.length} checks failed.`);
    });
  program
    .command('diagnostics <file>')
    .description('write a zip for support: findings, state, log, metrics; without secrets')
    .option('--state-dir <dir>', 'of the engine to look at', defaultStateDir())
    .action(async (file: string, { stateDir }: Flags) => {
      const { findings, client } = await examine(stateDir);
      const engine = client
        ? {
            'state.json': JSON.stringify(await client.state(), null, 1),
            'log.json': await client.text('/api/log'),
            'metrics.txt': await client.text('/api/metrics'),
          }
        : {};
      const zip = await makeDiagnostics({ version: VERSION, stateDir, findings, engine });
      try {
        await writeFile(file, zip, { mode: 0o600 });
      } catch (error) {
        throw new CrosspointError('unavailable', `${file} could not be written: ${messageOf(error)}.`);
      }
      process.stdout.write(`${file}\n`);
    });
}
