import { type ReactNode, type Ref } from 'react';
import Block from '@mui/icons-material/BlockOutlined';
import Down from '@mui/icons-material/ArrowForward';
import { KindIcon } from '../controls/icons.tsx';
import { LivePicture } from '../pictures/live-picture.tsx';
import { findDestination, findSource } from '../state/selectors.ts';
import { useConfig, useUi } from '../state/app-context.ts';
import { S } from '../strings.ts';
import './dnd.css';

/** What is carried, beside the pointer, and what would become of it here. */
export function DragImage({ ref }: { readonly ref: Ref<HTMLDivElement> }): ReactNode {
  const drag = useUi((state) => (state.drag?.by === 'pointer' ? state.drag : null));
  const source = useConfig((config) => findSource(config, drag?.sources[0] ?? ''));
  const destination = useConfig((config) => findDestination(config, drag?.target?.destination ?? ''));
  if (!drag || !source) return null;
  const { target } = drag;
  const says = target?.obstacle ?? (destination ? destination.label : S.drag.nowhere);
  const allowed = destination !== undefined && target?.obstacle === null;
  return (
    <div ref={ref} className="drag-image" data-testid="drag-image" aria-hidden>
      <div className="drag-card">
        {source.media === 'video' ? (
          <div className="drag-picture">
            <LivePicture id={source.id} name={source.label} />
          </div>
        ) : null}
        <div className="drag-name">
          <KindIcon kind={source.kind} />
          <span>{drag.sources.length > 1 ? S.drag.several(drag.sources.length) : source.label}</span>
        </div>
        <div className={`drag-says${allowed ? ' allowed' : target ? ' refused' : ''}`}>
          {allowed ? <Down sx={{ fontSize: 14 }} /> : target ? <Block sx={{ fontSize: 14 }} /> : null}
          <span>{says}</span>
        </div>
      </div>
    </div>
  );
}
