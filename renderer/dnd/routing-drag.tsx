import { useRef, type ReactNode } from 'react';
import { DragDropProvider, useDraggable, type DragEndEvent, type DragMoveEvent } from '@dnd-kit/react';
import {
  AutoScroller,
  Cursor,
  PointerActivationConstraints,
  PointerSensor,
  PreventSelection,
} from '@dnd-kit/dom';
import { type Source } from '../../electron/contract/index.ts';
import { useApp, type App } from '../state/app-context.ts';
import { carry, drop, putBack, pointAt } from './carry.ts';
import { DragImage } from './drag-image.tsx';
import { placeOf } from './drop-target.ts';

/**
 * Everything that the rest of the UI knows about drag and drop. The library follows the pointer (mouse, touch, pen);
 * what is under it is asked of the document, so that a matrix of thousands of cells registers none of them. The
 * keyboard has its own way (matrix/use-grid-keys.ts).
 */
const SENSORS = [
  PointerSensor.configure({
    activationConstraints: (event) =>
      event.pointerType === 'touch'
        ? [new PointerActivationConstraints.Delay({ value: 180, tolerance: 8 })]
        : [new PointerActivationConstraints.Distance({ value: 5 })],
  }),
];
// Neither the library's own drag image nor its ARIA attributes: the grid has its own.
const PLUGINS = [AutoScroller, Cursor, PreventSelection];

const elementAt = ({ x, y }: { readonly x: number; readonly y: number }): Element | null =>
  document.elementFromPoint(x, y);

/** Sources that go along: the whole selection when one of it is dragged. */
function sourcesOf(app: App, source: string): readonly string[] {
  const { selection } = app.ui.getState();
  return selection.includes(source) ? selection : [source];
}

export function RoutingDrag({ children }: { readonly children: ReactNode }): ReactNode {
  const app = useApp();
  const image = useRef<HTMLDivElement>(null);
  const lastDrag = useRef(0);

  const onDragMove = (event: DragMoveEvent): void => {
    // `to` is where the pointer is now; the operation's own position follows one step behind.
    const position = event.to ?? event.operation.position.current;
    if (image.current) image.current.style.transform = `translate(${position.x}px, ${position.y}px)`;
    pointAt(app, placeOf(elementAt(position)));
  };
  const onDragEnd = (event: DragEndEvent): void => {
    lastDrag.current = Date.now();
    if (event.canceled) putBack(app);
    else void drop(app);
  };

  return (
    <DragDropProvider
      sensors={SENSORS}
      plugins={PLUGINS}
      onDragStart={({ operation }) => {
        if (!operation.source) return;
        carry(app, sourcesOf(app, String(operation.source.id)), 'pointer');
        const { x, y } = operation.position.current;
        requestAnimationFrame(() => {
          if (image.current?.style.transform === '')
            image.current.style.transform = `translate(${x}px, ${y}px)`;
        });
      }}
      onDragMove={onDragMove}
      onDragEnd={onDragEnd}
    >
      <div
        style={{ display: 'contents' }}
        // The click that ends a drag is no click.
        onClickCapture={(event) => {
          if (Date.now() - lastDrag.current < 80) event.stopPropagation();
        }}
      >
        {children}
      </div>
      <DragImage ref={image} />
    </DragDropProvider>
  );
}

/** Makes an element the handle of a source that can be dragged. */
export function useSourceHandle(
  source: Pick<Source, 'id'>,
  disabled = false,
): (element: Element | null) => void {
  return useDraggable({ id: source.id, disabled }).ref;
}
