import { CrosspointError, type ManagementStep, messageOf } from '../../contract/index.ts';
import { isAbsence } from '../ssh/index.ts';
import { type Step, type StepContext } from './step.ts';

/** So often a step is taken up again after the link was lost. */
const RECONNECTS = 3;

/**
 * Take the steps one after another.
 * @param onChange the list of steps, each time that something of it changes
 * @throws what the step threw that failed; the list says so, too
 */
export async function runSteps(
  steps: readonly Step[],
  context: StepContext,
  onChange: (steps: readonly ManagementStep[]) => void,
): Promise<void> {
  const list: ManagementStep[] = steps.map(({ id, title }) => ({ id, title, state: 'waiting' }));
  const show = (index: number, change: Omit<ManagementStep, 'id' | 'title'>): void => {
    const { id, title } = steps[index] ?? { id: '', title: '' };
    list[index] = { id, title, ...change };
    onChange([...list]);
  };
  let reconnects = 0;
  onChange([...list]);
  for (const [index, step] of steps.entries()) {
    for (;;) {
      try {
        show(index, { state: 'running' });
        const found = await step.check(context);
        if (found.done) {
          show(index, { state: 'done', detail: found.detail });
          break;
        }
        show(index, { state: 'running', detail: found.detail });
        if (!step.run) throw new CrosspointError('unavailable', found.detail);
        const detail = await step.run(context, (sentence, part) =>
          show(index, {
            state: 'running',
            detail: sentence,
            ...(part === undefined ? {} : { progress: part }),
          }),
        );
        show(index, { state: 'changed', detail });
        break;
      } catch (error) {
        const lost = isAbsence(error) && error.failure === 'lost' && !context.pi.signal.aborted;
        try {
          if (!lost || ++reconnects > RECONNECTS) throw error;
          show(index, { state: 'running', detail: 'The connection was lost: waiting for the Pi.' });
          await context.pi.reconnect();
        } catch (final) {
          const hint = final instanceof CrosspointError ? final.hint : undefined;
          show(index, {
            state: 'failed',
            detail: messageOf(final),
            ...(hint === undefined ? {} : { hint }),
          });
          throw final;
        }
      }
    }
  }
}
