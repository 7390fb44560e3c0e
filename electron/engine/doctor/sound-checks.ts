import { CrosspointError, messageOf } from '../../contract/index.ts';
import {
  isEarlyPipeWire,
  isPulseError,
  PulseClient,
  userAddresses,
  userCookie,
} from '../../audio/pulse/index.ts';
import { type Finding } from './finding.ts';
import { isInstalled } from './programs.ts';

const TIMEOUT_MS = 3000;

/** The user's own sound server, or the program to run a private one. */
export async function checkSound(env: NodeJS.ProcessEnv, uid: number): Promise<Finding> {
  const common = { id: 'sound', title: 'sound server' };
  const cookie = await userCookie(env);
  for (const address of userAddresses(env, uid))
    try {
      const client = await PulseClient.connect({ address, cookie, timeoutMs: TIMEOUT_MS });
      try {
        const { name, version } = await client.serverInfo();
        const [sources, sinks] = await Promise.all([client.sources(), client.sinks()]);
        return {
          ...common,
          state: 'ok',
          detail: `${name} ${version}: ${sources.length} sources, ${sinks.length} sinks.`,
          ...(isEarlyPipeWire({ name })
            ? { hint: 'This version of PipeWire is bad at echo cancelling; PulseAudio is good at it.' }
            : {}),
        };
      } finally {
        client.dispose();
      }
    } catch (error) {
      if (isPulseError(error, 'connection-refused')) continue;
      const hint = error instanceof CrosspointError ? error.hint : undefined;
      return {
        ...common,
        state: 'failed',
        detail: messageOf(error),
        ...(hint === undefined ? {} : { hint }),
      };
    }
  if (await isInstalled('pulseaudio'))
    return {
      ...common,
      state: 'info',
      detail: 'This user has no sound server running; Crosspoint starts a private PulseAudio.',
    };
  return {
    ...common,
    state: 'failed',
    detail: 'There is no sound server, and no pulseaudio program to start one.',
    hint: 'apt install pulseaudio, or pipewire-pulse on a PipeWire desktop.',
  };
}
