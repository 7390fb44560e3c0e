import { writeFile } from 'node:fs/promises';
import { type Command as Program } from 'commander';
import { CrosspointError, messageOf } from '../contract/index.ts';
import { collectDiagnostics } from '../engine/doctor/collect.ts';
import { findingsText } from '../engine/doctor/diagnostics.ts';
import { type DoctorOptions, type Finding, runDoctor } from '../engine/doctor/index.ts';
import { findEngine } from '../engine/instance.ts';
import { defaultStateDir } from '../engine/paths.ts';
import { VERSION } from '../version.ts';
import { Client } from './client.ts';

interface Flags {
  readonly stateDir: string;
  readonly json?: boolean;
}

interface Asked {
  readonly client: Client;
  readonly engine: NonNullable<DoctorOptions['engine']>;
}

/** The engine that runs on the directory; instead of one that does not answer, a finding that says why. */
async function ask(stateDir: string): Promise<{ asked?: Asked; findings: Finding[] }> {
  try {
    const found = findEngine(stateDir);
    if (!found) return { findings: [] };
    const client = new Client({ stateDir });
    const engine = { http: found.http, rtmp: found.rtmp, state: await client.state() };
    return { asked: { client, engine }, findings: [] };
  } catch (error) {
    return { findings: [{ id: 'engine', title: 'engine', state: 'failed', detail: messageOf(error) }] };
  }
}

/** `doctor` and `diagnostics`: they work with and without a running engine. */
export function registerDoctorCommands(program: Program): void {
  program
    .command('doctor')
    .description('look for what could be wrong with this machine, and say what to do')
    .option('--state-dir <dir>', 'of the engine to look at', defaultStateDir())
    .option('--json', 'print the findings as JSON')
    .action(async ({ stateDir, json }: Flags) => {
      const { asked, findings: extra } = await ask(stateDir);
      const engine = asked ? { engine: asked.engine } : {};
      const findings = [...extra, ...(await runDoctor({ stateDir, env: process.env, ...engine }))];
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
      const { asked, findings } = await ask(stateDir);
      const zip = await collectDiagnostics({
        version: VERSION,
        stateDir,
        env: process.env,
        findings,
        engine: asked && {
          ...asked.engine,
          log: (await asked.client.log()).entries,
          metrics: await asked.client.text('/api/metrics'),
        },
      });
      try {
        await writeFile(file, zip, { mode: 0o600 });
      } catch (error) {
        throw new CrosspointError('unavailable', `${file} could not be written: ${messageOf(error)}.`);
      }
      process.stdout.write(`${file}\n`);
    });
}
