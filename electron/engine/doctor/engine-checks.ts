import { type ServiceStatus, type State } from '../../contract/index.ts';
import { type Finding } from './finding.ts';

/** What a running engine itself knows: its services, its gadgets, its problems. */
export function checkEngine({ config, status }: State): Finding[] {
  const gadgets = config.gadgets.map(({ id, label }): Finding => {
    const common = { id: `gadget:${id}`, title: `gadget ${label}` };
    const link = status.gadgets[id];
    const missing = (['video', 'audio'] as const).filter((part) => link?.[part] !== 'connected');
    if (missing.length === 0) return { ...common, state: 'ok', detail: 'Picture and sound are connected.' };
    const sound = missing.includes('audio') && !status.listening;
    return {
      ...common,
      state: 'warning',
      detail: `Not connected: ${missing.join(' and ')}.`,
      hint: sound
        ? 'Gadgets reach the sound server only with --audio-listen HOST:PORT.'
        : 'Is it powered and in the network? "crosspoint gadget health" asks it.',
    };
  });
  const problems = status.problems.map(({ id, severity, message, hint }): Finding => ({
    id: `problem:${id}`,
    title: 'problem',
    state: severity === 'error' ? 'failed' : 'warning',
    detail: message,
    ...(hint === undefined ? {} : { hint }),
  }));
  return [...mixing(status.services.sound), ...gadgets, ...problems];
}

/** What mixes the sound now, and why it is not what was asked for. */
function mixing({ mixer, reason }: ServiceStatus): Finding[] {
  if (mixer === undefined) return [];
  const what = mixer === 'own' ? 'Crosspoint’s own mixer mixes.' : 'Loopbacks of the sound server mix.';
  return [
    {
      id: 'mixer',
      title: 'mixer',
      state: reason === undefined ? 'ok' : 'warning',
      detail: reason === undefined ? what : `${what} ${reason}`,
    },
  ];
}
