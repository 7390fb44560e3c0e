import { useEffect, useState, type RefObject } from 'react';

const listeners = new WeakMap<Element, (visible: boolean) => void>();
const observers = new Map<string, IntersectionObserver>();

function observer(rootMargin: string): IntersectionObserver | null {
  if (typeof IntersectionObserver === 'undefined') return null;
  let shared = observers.get(rootMargin);
  if (!shared)
    observers.set(
      rootMargin,
      (shared = new IntersectionObserver(
        (entries) => {
          for (const entry of entries) listeners.get(entry.target)?.(entry.isIntersecting);
        },
        { rootMargin },
      )),
    );
  return shared;
}

function useSeen(ref: RefObject<Element | null>, rootMargin: string, enabled: boolean): boolean {
  const [visible, setVisible] = useState(() => observer(rootMargin) === null);
  useEffect(() => {
    const element = ref.current;
    const watching = observer(rootMargin);
    if (!element || !watching || !enabled) return;
    listeners.set(element, setVisible);
    watching.observe(element);
    return () => {
      watching.unobserve(element);
      listeners.delete(element);
    };
  }, [enabled, ref, rootMargin]);
  return visible;
}

/** Is this element on the screen? What is not seen is neither fetched nor drawn. */
export const useOnScreen = (ref: RefObject<Element | null>): boolean => useSeen(ref, '40px', true);

/** Is it on the screen, or will it be after a flick of the wheel? */
export const useNearScreen = (ref: RefObject<Element | null>, enabled: boolean): boolean =>
  useSeen(ref, '300px', enabled);
