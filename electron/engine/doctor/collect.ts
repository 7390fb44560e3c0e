import { type LogEntry, type State } from '../../contract/index.ts';
import { makeDiagnostics } from './diagnostics.ts';
import { type Finding } from './finding.ts';
import { runDoctor } from './index.ts';

export interface CollectOptions {
  readonly version: string;
  readonly stateDir: string;
  readonly env: NodeJS.ProcessEnv;
  /** The engine that runs on the state directory, and what it says; undefined: none runs, or it does not answer. */
  readonly engine:
    | {
        readonly http: string;
        readonly rtmp: string;
        readonly state: State;
        readonly log: readonly LogEntry[];
        /** Prometheus text. */
        readonly metrics: string;
      }
    | undefined;
  /** What was found before, e.g. why an engine does not answer. */
  readonly findings?: readonly Finding[];
}

/** What support needs, as a zip without secrets: findings of the doctor, and what a running engine says. */
export async function collectDiagnostics(options: CollectOptions): Promise<Uint8Array> {
  const { version, stateDir, env, engine, findings = [] } = options;
  const found = await runDoctor({ stateDir, env, ...(engine ? { engine } : {}) });
  return makeDiagnostics({
    version,
    stateDir,
    findings: [...findings, ...found],
    engine: engine
      ? {
          'state.json': JSON.stringify(engine.state, null, 1),
          'log.json': JSON.stringify({ entries: engine.log }),
          'metrics.txt': engine.metrics,
        }
      : {},
  });
}
