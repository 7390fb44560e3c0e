import { memo, type ReactNode } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { type Source } from '../../electron/contract/index.ts';
import { KindIcon } from '../controls/icons.tsx';
import { useSourceHandle } from '../dnd/routing-drag.tsx';
import { LivePicture } from '../pictures/live-picture.tsx';
import { useConfig, useUi } from '../state/app-context.ts';
import { S } from '../strings.ts';

/** Everything that can be dragged onto a gadget. */
export function SourceTray(): ReactNode {
  const sources = useConfig(
    useShallow((config) =>
      [...config.sources].sort((a, b) => Number(a.media === 'audio') - Number(b.media === 'audio')),
    ),
  );
  if (sources.length === 0) return null;
  return (
    <section className="tray" aria-label={T.tray}>
      <div className="tray-help">{T.trayHelp}</div>
      {/* Scrolled by keyboard too; the picker of each gadget and the matrix route without a pointer. */}
      <div className="tray-list" tabIndex={0} role="group" aria-label={T.tray}>
        {sources.map((source) => (
          <TrayItem key={source.id} source={source} />
        ))}
      </div>
    </section>
  );
}

const T = S.gadgetsView;

const TrayItem = memo(function TrayItem({ source }: { readonly source: Source }): ReactNode {
  const handle = useSourceHandle(source);
  const carried = useUi((ui) => ui.drag?.sources.includes(source.id) ?? false);
  return (
    <div
      ref={handle}
      className={`tray-item ${source.media}${carried ? ' carried' : ''}`}
      data-testid={`source:${source.id}`}
      title={`${S.kinds[source.kind]}: ${source.label}`}
    >
      {source.media === 'video' ? <LivePicture id={source.id} name={source.label} /> : null}
      <span>
        <KindIcon kind={source.kind} size={14} />
        {source.label}
      </span>
    </div>
  );
});
