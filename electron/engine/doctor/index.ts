import { type State } from '../../contract/index.ts';
import { DEFAULT_HTTP_PORT, DEFAULT_RTMP_PORT } from '../paths.ts';
import { checkEngine } from './engine-checks.ts';
import { type Check, type Finding } from './finding.ts';
import { checkSound } from './sound-checks.ts';
import { checkClock, checkDisk, checkFirewall, checkPort, checkTray } from './system-checks.ts';
import { checkCameras, checkFfmpeg } from './video-checks.ts';

export { type Finding } from './finding.ts';

export interface DoctorOptions {
  readonly stateDir: string;
  readonly env: NodeJS.ProcessEnv;
  /** The engine that runs on the state directory, with where it listens and what it says; undefined: none runs. */
  readonly engine?: { readonly http: string; readonly rtmp: string; readonly state: State };
}

/** Looks at everything that a support engineer would ask for. Changes nothing. A check that itself fails is a finding. */
export async function runDoctor({ stateDir, env, engine }: DoctorOptions): Promise<Finding[]> {
  const checks: Readonly<Record<string, Check>> = {
    sound: () => checkSound(env, process.getuid?.() ?? 0),
    ffmpeg: () => checkFfmpeg(),
    cameras: () => checkCameras(),
    http: () => checkPort('HTTP', DEFAULT_HTTP_PORT, engine?.http),
    rtmp: () => checkPort('RTMP', DEFAULT_RTMP_PORT, engine?.rtmp),
    firewall: () => checkFirewall(),
    disk: () => checkDisk(stateDir),
    clock: () => checkClock(),
    tray: () => checkTray(env),
    engine: () =>
      Promise.resolve(
        engine
          ? checkEngine(engine.state)
          : { id: 'engine', title: 'engine', state: 'info', detail: 'No Crosspoint runs on this state.' },
      ),
  };
  const findings = await Promise.all(
    Object.entries(checks).map(async ([id, check]) => {
      try {
        return await check();
      } catch (error) {
        return { id, title: id, state: 'failed', detail: `The check failed: ${String(error)}` } as const;
      }
    }),
  );
  return findings.flat();
}
