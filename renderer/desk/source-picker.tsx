import { type ReactNode } from 'react';
import Popover from '@mui/material/Popover';
import { type Destination } from '../../electron/contract/index.ts';
import { RefusalNotice } from '../controls/notice.tsx';
import { KindIcon } from '../controls/icons.tsx';
import { LivePicture } from '../pictures/live-picture.tsx';
import { useApp, useConfig } from '../state/app-context.ts';
import { channelPlace } from '../state/command-store.ts';
import { routesInto } from '../state/selectors.ts';
import { stage, waits } from '../state/take.ts';
import { S } from '../strings.ts';

/** Choose by picture what a webcam or program is sent: the way without a matrix, and the one for fingers. */
export function SourcePicker({
  destination,
  anchor,
  onClose,
}: {
  readonly destination: Destination;
  readonly anchor: Element | null;
  readonly onClose: () => void;
}): ReactNode {
  return (
    <Popover
      open={anchor !== null}
      anchorEl={anchor}
      onClose={onClose}
      anchorOrigin={{ vertical: 'bottom', horizontal: 'center' }}
      transformOrigin={{ vertical: 'top', horizontal: 'center' }}
      slotProps={{ paper: { role: 'dialog', 'aria-label': S.channel.send(destination.label) } }}
    >
      {anchor ? <Choices destination={destination} onClose={onClose} /> : null}
    </Popover>
  );
}

function Choices({
  destination,
  onClose,
}: {
  readonly destination: Destination;
  readonly onClose: () => void;
}): ReactNode {
  const app = useApp();
  const { commander } = app;
  const sources = useConfig((config) => config.sources);
  const now = useConfig((config) => routesInto(config, destination.id)[0]?.source);
  const fitting = sources.filter(({ media }) => media === destination.media);
  const place = channelPlace(destination.id);
  const choose = async (source: string | undefined): Promise<void> => {
    const { document } = app.server.getState();
    if (document && waits(app, document, destination.id)) {
      if (source !== undefined) stage(app, document, source, destination.id, 'route');
      else if (now !== undefined) stage(app, document, now, destination.id, 'unroute');
      onClose();
      return;
    }
    const answer =
      source !== undefined
        ? await commander.run(place, { type: 'route', source, destination: destination.id })
        : now !== undefined
          ? await commander.run(place, { type: 'unroute', source: now, destination: destination.id })
          : true;
    if (answer) onClose();
  };
  return (
    <div className="picker">
      <div className="cell-details-title">{S.channel.send(destination.label)}</div>
      <RefusalNotice place={place} />
      {fitting.length === 0 ? <p>{S.channel.nothingToSend}</p> : null}
      <div className="picker-list">
        {fitting.map((source) => (
          <button
            key={source.id}
            type="button"
            className={`picker-item${source.id === now ? ' chosen' : ''}`}
            aria-pressed={source.id === now}
            data-testid={`pick:${source.id}`}
            onClick={() => void choose(source.id)}
          >
            <LivePicture id={source.id} name={source.label} />
            <span>
              <KindIcon kind={source.kind} size={14} />
              {source.label}
            </span>
          </button>
        ))}
        <button
          type="button"
          className={`picker-item nothing${now === undefined ? ' chosen' : ''}`}
          aria-pressed={now === undefined}
          onClick={() => void choose(undefined)}
        >
          <span>{S.channel.sendNothing}</span>
        </button>
      </div>
    </div>
  );
}
