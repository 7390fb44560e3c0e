import { useEffect, useState, type RefObject } from 'react';

const listeners = new WeakMap<Element, (visible: boolean) => void>();
let shared: IntersectionObserver | undefined;

function observer(): IntersectionObserver | null {
  if (typeof IntersectionObserver === 'undefined') return null;
  shared ??= new IntersectionObserver(
    (entries) => {
      for (const entry of entries) listeners.get(entry.target)?.(entry.isIntersecting);
    },
    { rootMargin: '40px' },
  );
  return shared;
}

/** Is this element on the screen? What is not seen is neither fetched nor drawn. */
export function useOnScreen(ref: RefObject<Element | null>): boolean {
  const [visible, setVisible] = useState(() => observer() === null);
  useEffect(() => {
    const element = ref.current;
    const watching = observer();
    if (!element || !watching) return;
    listeners.set(element, setVisible);
    watching.observe(element);
    return () => {
      watching.unobserve(element);
      listeners.delete(element);
    };
  }, [ref]);
  return visible;
}
