import { useSyncExternalStore } from 'react';

export const VIEWS = ['matrix', 'cameras', 'gadgets', 'mixer', 'scenes', 'log', 'settings'] as const;
export type View = (typeof VIEWS)[number];

const isView = (text: string): text is View => (VIEWS as readonly string[]).includes(text);

/** `#/mixer` → mixer; anything else is the matrix. */
export function viewOf(hash: string): View {
  const name = /^#\/?([a-z]*)/.exec(hash)?.[1] ?? '';
  return isView(name) ? name : 'matrix';
}

const subscribe = (listener: () => void): (() => void) => {
  window.addEventListener('hashchange', listener);
  return () => window.removeEventListener('hashchange', listener);
};

/** The view that the address names: it can be bookmarked and gone back to, and works from a file as well. */
export const useRoute = (): View => useSyncExternalStore(subscribe, () => viewOf(window.location.hash));
