import { readFile, readdir } from 'node:fs/promises';
import { cpus, freemem, release, totalmem, uptime } from 'node:os';
import { strToU8, zipSync } from 'fflate';
import { type Finding } from './finding.ts';
import { scrub } from './scrub.ts';
import { secretsIn } from './secrets.ts';

export interface DiagnosticsInput {
  readonly version: string;
  readonly stateDir: string;
  readonly findings: readonly Finding[];
  /** By file name: what a running engine says. */
  readonly engine: Readonly<Record<string, string>>;
  /** Secrets beside those of the state directory. */
  readonly secrets?: readonly string[];
}

/** Everything that helps to find a fault, as a zip. No secret is in it: neither known ones nor what looks like one. */
export async function makeDiagnostics(input: DiagnosticsInput): Promise<Uint8Array> {
  const secrets = [...(input.secrets ?? []), ...secretsIn(input.stateDir)];
  const files: Readonly<Record<string, string>> = {
    'README.txt': `Diagnostics of Crosspoint ${input.version}, made at ${new Date().toISOString()}.\nStream keys, tokens, passwords and private keys were removed.\n`,
    'doctor.txt': findingsText(input.findings),
    'system.txt': await systemText(input.version),
    'state-directory.txt': (await readdir(input.stateDir).catch(() => [])).join('\n'),
    ...input.engine,
  };
  return zipSync(
    Object.fromEntries(
      Object.entries(files).map(([name, text]) => [`crosspoint/${name}`, strToU8(scrub(text, secrets))]),
    ),
  );
}

const MARKS = { ok: 'ok     ', info: 'info   ', warning: 'WARNING', failed: 'FAILED ' } as const;

/** The findings as lines for a terminal. */
export const findingsText = (findings: readonly Finding[]): string =>
  findings
    .map(({ state, title, detail, hint }) =>
      [`${MARKS[state]}  ${title}: ${detail}`, ...(hint === undefined ? [] : [`         → ${hint}`])].join(
        '\n',
      ),
    )
    .join('\n');

async function systemText(version: string): Promise<string> {
  const os = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const mb = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MB`;
  return [
    `Crosspoint ${version}, Node ${process.version}, ${process.platform} ${process.arch}`,
    `Kernel ${release()}, up ${Math.round(uptime() / 60)} min`,
    `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${mb(freemem())} of ${mb(totalmem())} free`,
    os,
  ].join('\n');
}
