import { useEffect, useRef, useState, type ReactNode } from 'react';
import Popover, { type PopoverActions, type PopoverProps } from '@mui/material/Popover';

/** A popover that stays on the screen when what is in it grows, e.g. by a warning. */
export function FittingPopover({ children, ...props }: PopoverProps): ReactNode {
  const actions = useRef<PopoverActions>(null);
  const [content, setContent] = useState<HTMLElement | null>(null);
  useEffect(() => {
    if (!content || typeof ResizeObserver === 'undefined') return;
    const observer = new ResizeObserver(() => actions.current?.updatePosition());
    observer.observe(content);
    return () => observer.disconnect();
  }, [content]);
  return (
    <Popover action={actions} {...props}>
      <div ref={setContent}>{children}</div>
    </Popover>
  );
}
