import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Command as Program } from 'commander';
import { CrosspointError, messageOf } from '../contract/index.ts';
import { collectDiagnostics } from '../engine/doctor/collect.ts';
import { findingsText } from '../engine/doctor/diagnostics.ts';
import { type DoctorOptions, type Finding, runDoctor } from '../engine/doctor/index.ts';
import { findEngine } from '../engine/instance.ts';
import { VERSION } from '../version.ts';
import { Client } from './client.ts';
import { jsonOption, print, stateDirOption } from './command.ts';
import { overFile } from './files.ts';

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
    .addOption(stateDirOption('of the engine to look at'))
    .addOption(jsonOption())
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
    .addOption(stateDirOption('of the engine to look at'))
    .addOption(jsonOption())
    .action(async (file: string, { stateDir, json }: Flags) => {
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
      await overFile(file, 'written', () => writeFile(file, zip, { mode: 0o600 }));
      print(json === true ? JSON.stringify({ file: resolve(file) }) : file);
    });
}
