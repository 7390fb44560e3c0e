import { type ReactNode } from 'react';
import { useShallow } from 'zustand/react/shallow';
import Folded from '@mui/icons-material/ChevronRight';
import Open from '@mui/icons-material/ExpandMore';
import { useApp, useDocument, useUi } from '../state/app-context.ts';
import { toggleFolded } from '../state/ui-store.ts';
import { S } from '../strings.ts';
import { type Line } from './model.ts';

/** Name of a group beside its rows or above its columns; folds it. A gadget's name takes drops for its webcam or mic. */
export function GroupLabel({
  line,
  axis,
}: {
  readonly line: Line;
  readonly axis: 'row' | 'column';
}): ReactNode {
  const { ui } = useApp();
  const { gadget, label, key } = line.group;
  const link = useDocument(
    useShallow(({ status }) => {
      const found = gadget === null ? undefined : status.gadgets[gadget];
      return { video: found?.video, audio: found?.audio };
    }),
  );
  const pointed = useUi(({ drag }) =>
    drag?.target?.place === 'gadget' && drag.target.id === gadget
      ? drag.target.obstacle === null
        ? ' accepts'
        : ' refuses'
      : '',
  );
  const away = gadget !== null && link.video !== 'connected' && link.audio !== 'connected';
  const Icon = line.folded ? Folded : Open;
  return (
    <div
      role={axis === 'row' ? 'rowheader' : 'columnheader'}
      {...(axis === 'row' ? { 'aria-rowspan': line.span } : { 'aria-colspan': line.span })}
      className={`mx-group ${axis}${line.span > 1 ? ' tall' : ''}${pointed}${away ? ' away' : ''}`}
      style={{ ['--span' as string]: line.span }}
      {...(gadget === null
        ? {}
        : { 'data-drop': 'gadget', 'data-drop-id': gadget, 'data-testid': `gadget-group:${gadget}` })}
    >
      <button
        type="button"
        tabIndex={-1}
        className="mx-fold"
        aria-expanded={!line.folded}
        aria-label={line.folded ? S.matrix.unfold(label) : S.matrix.fold(label)}
        title={line.folded ? S.matrix.unfold(label) : S.matrix.fold(label)}
        onClick={() => toggleFolded(ui, key)}
      >
        <Icon aria-hidden sx={{ fontSize: 16 }} />
        <span className="mx-group-name">{label}</span>
      </button>
      {gadget !== null && axis === 'row' && line.span > 1 ? (
        <span className="mx-links">
          <Link up={link.video === 'connected'} name={S.gadgetsView.picture} />
          <Link up={link.audio === 'connected'} name={S.gadgetsView.sound} />
        </span>
      ) : null}
    </div>
  );
}

function Link({ up, name }: { readonly up: boolean; readonly name: string }): ReactNode {
  const state = up ? S.gadgetsView.connected : S.gadgetsView.offline;
  return (
    <span className={up ? 'up' : 'down'} title={`${name}: ${state}`}>
      {name}
      <span className="sr-only"> {state}</span>
    </span>
  );
}
