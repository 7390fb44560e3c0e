import { useEffect } from 'react';
import { useApp, type App } from '../state/app-context.ts';
import { type HoldKey } from '../state/hold-keys.ts';
import { take } from '../state/take.ts';

/** Esc so many times within this time is panic. */
const PANIC_PRESSES = 3;
const PANIC_WITHIN_MS = 1500;

export const BAR = 'bar';

/** Held down: talk into, or be silent on, the microphone of the settings. */
const HOLD_KEYS: Readonly<Record<string, HoldKey>> = { v: 'talk', c: 'cough' };

export const panic = (app: App): void => void app.commander.run(BAR, { type: 'panic' });

const inText = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  // A list takes letters to find its entries.
  (target.closest('[role=listbox], [role=menu]') !== null ||
    target.isContentEditable ||
    target.matches('textarea, select, input:not([type=checkbox], [type=radio])'));

/** Counts presses of Escape. @returns is it panic? */
export function makeEscapeCounter(): (nowMs: number) => boolean {
  let presses: number[] = [];
  return (nowMs) => {
    presses = [...presses.filter((at) => nowMs - at < PANIC_WITHIN_MS), nowMs];
    if (presses.length < PANIC_PRESSES) return false;
    presses = [];
    return true;
  };
}

/** Keys that work everywhere. Listens first: panic works whatever is open. */
export function useShortcuts(): void {
  const app = useApp();
  useEffect(() => {
    const isPanic = makeEscapeCounter();
    const onKeyDown = (event: KeyboardEvent): void => {
      const ctrl = event.ctrlKey || event.metaKey;
      const key = event.key.toLowerCase();
      if (event.key === 'Escape' && !event.repeat && isPanic(event.timeStamp)) panic(app);
      else if (ctrl && event.shiftKey && key === 'm') {
        event.preventDefault();
        panic(app);
      } else if (inText(event.target)) return;
      else if (!ctrl && !event.altKey && key === 't') void take(app);
      else if (!ctrl && !event.altKey && !event.repeat && key in HOLD_KEYS) {
        const { talkMicrophone } = app.ui.getState().preferences;
        const kind = HOLD_KEYS[key];
        if (kind && talkMicrophone !== '') app.holds.press(kind, talkMicrophone);
      } else if (ctrl && !inText(event.target) && (key === 'z' || key === 'y')) {
        event.preventDefault();
        void app.commander.run(BAR, { type: key === 'y' || event.shiftKey ? 'redo' : 'undo' });
      }
    };
    const onKeyUp = (event: KeyboardEvent): void => {
      const kind = HOLD_KEYS[event.key.toLowerCase()];
      const { talkMicrophone } = app.ui.getState().preferences;
      if (kind && talkMicrophone !== '') app.holds.release(kind, talkMicrophone);
    };
    // A key that goes up elsewhere is not heard here.
    const onBlur = (): void => app.holds.releaseAll();
    window.addEventListener('keydown', onKeyDown, { capture: true });
    window.addEventListener('keyup', onKeyUp, { capture: true });
    window.addEventListener('blur', onBlur);
    return () => {
      window.removeEventListener('keydown', onKeyDown, { capture: true });
      window.removeEventListener('keyup', onKeyUp, { capture: true });
      window.removeEventListener('blur', onBlur);
    };
  }, [app]);
}
