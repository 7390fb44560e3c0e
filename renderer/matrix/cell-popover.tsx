import { type ReactNode } from 'react';
import Button from '@mui/material/Button';
import { type CellStatus } from '../../electron/contract/index.ts';
import { Fader } from '../controls/fader.tsx';
import { FittingPopover } from '../controls/fitting-popover.tsx';
import { Notice, RefusalNotice } from '../controls/notice.tsx';
import { StateSign } from '../controls/state-sign.tsx';
import { useGain } from '../controls/use-gain.ts';
import { Meter } from '../meters/meter.tsx';
import { LivePicture } from '../pictures/live-picture.tsx';
import { useApp, useDocument } from '../state/app-context.ts';
import { cellPlace } from '../state/command-store.ts';
import { groupMutes } from '../state/groups.ts';
import { cellState, findDestination, findRoute, findSource } from '../state/selectors.ts';
import { S } from '../strings.ts';
import { AUDIO_TEXT } from '../text/audio.ts';
import { toggleCellMute, toggleRoute } from './actions.ts';
import { cellHelp, silencedBy } from './cell-help.ts';

export interface OpenCell {
  readonly source: string;
  readonly destination: string;
  readonly anchor: Element;
}

/** Gain, mute, latency and state of one crosspoint. */
export function CellPopover({
  open,
  onClose,
}: {
  readonly open: OpenCell | null;
  readonly onClose: () => void;
}): ReactNode {
  return (
    <FittingPopover
      open={open !== null}
      anchorEl={open?.anchor ?? null}
      onClose={onClose}
      anchorOrigin={{ vertical: 'bottom', horizontal: 'center' }}
      transformOrigin={{ vertical: 'top', horizontal: 'center' }}
      slotProps={{ paper: { className: 'cell-popover', 'aria-label': S.cell.tune, role: 'dialog' } }}
    >
      {open ? <Body source={open.source} destination={open.destination} /> : null}
    </FittingPopover>
  );
}

/** Twice what it aims at, and more than an ear would forgive. */
const isBehind = ({ latencyMs = 0, targetMs = latencyMs }: CellStatus): boolean =>
  latencyMs > targetMs * 2 && latencyMs > targetMs + 20;

function Body({
  source: sourceId,
  destination: destinationId,
}: {
  readonly source: string;
  readonly destination: string;
}): ReactNode {
  const app = useApp();
  const source = useDocument((state) => findSource(state.config, sourceId));
  const destination = useDocument((state) => findDestination(state.config, destinationId));
  const route = useDocument((state) => findRoute(state.config, sourceId, destinationId));
  const actual = useDocument((state) => state.status.cells[`${sourceId}|${destinationId}`]);
  const state = useDocument((document) =>
    source && destination ? cellState(document, source, destination) : 'none',
  );
  const place = cellPlace(sourceId, destinationId);
  const silent = useDocument(({ config }) =>
    source && destination
      ? silencedBy(route, source, destination, groupMutes(config, sourceId, destinationId))
      : null,
  );
  if (!source || !destination || state === 'none') return null;
  return (
    <div className="cell-details" data-testid="cell-popover">
      <div className="cell-details-title">
        {source.label} → {destination.label}
      </div>
      <div className={`cell-details-state tint-${state}`}>
        <StateSign state={state} muted={route?.muted ?? false} />
        <strong>{S.states[state]}</strong>
        {actual?.latencyMs === undefined ? null : (
          <span className="cell-details-latency">
            {S.cell.latency} {S.unit.ms(actual.latencyMs)}
            {actual.targetMs === undefined ? '' : ` · ${AUDIO_TEXT.target(actual.targetMs)}`}
          </span>
        )}
      </div>
      <div className="cell-details-help">{cellHelp(state, actual?.reason, silent)}</div>
      {actual?.heard ? (
        <Notice
          kind="warning"
          role="note"
          message={AUDIO_TEXT.heard(actual.heard.gain, actual.heard.muted)}
          hint={AUDIO_TEXT.heardHelp}
        />
      ) : null}
      {actual?.latencyMs !== undefined && isBehind(actual) ? (
        <Notice
          kind="warning"
          role="note"
          message={AUDIO_TEXT.behind(actual.latencyMs, actual.targetMs ?? 0)}
          action={
            <button
              type="button"
              data-testid="latency-reset"
              onClick={() =>
                void app.commander.run(place, {
                  type: 'latency.reset',
                  source: sourceId,
                  destination: destinationId,
                })
              }
            >
              {AUDIO_TEXT.resetLatency}
            </button>
          }
        />
      ) : null}
      <RefusalNotice place={place} />
      {source.media === 'video' ? (
        <div className="cell-details-picture">
          <LivePicture id={sourceId} name={source.label} />
        </div>
      ) : (
        <Meter id={sourceId} name={source.label} orientation="horizontal" />
      )}
      {route && source.media === 'audio' ? (
        <Gain source={sourceId} destination={destinationId} gainDb={route.gain} place={place} />
      ) : null}
      <div className="cell-details-actions">
        <Button
          variant={route ? 'outlined' : 'contained'}
          disabled={state === 'impossible'}
          onClick={() => void toggleRoute(app, sourceId, destinationId)}
          data-testid="cell-toggle"
        >
          {route ? S.cell.disconnect : S.cell.connect}
        </Button>
        {route ? (
          <Button
            variant={route.muted ? 'contained' : 'outlined'}
            color={route.muted ? 'error' : 'primary'}
            aria-pressed={route.muted}
            onClick={() => void toggleCellMute(app, sourceId, destinationId)}
            data-testid={`mute:${sourceId}|${destinationId}`}
          >
            {route.muted ? S.cell.mutedShort : S.cell.muteShort}
          </Button>
        ) : null}
      </div>
    </div>
  );
}

function Gain({
  source,
  destination,
  gainDb,
  place,
}: {
  readonly source: string;
  readonly destination: string;
  readonly gainDb: number;
  readonly place: string;
}): ReactNode {
  const [gain, setGain] = useGain({ source, destination }, gainDb, place);
  return (
    <div className="cell-details-gain">
      <div className="cell-details-gain-head">
        <span>{S.cell.gain}</span>
        <output data-testid="gain-value">{S.unit.db(gain)}</output>
      </div>
      <Fader
        gainDb={gain}
        onChange={setGain}
        label={S.cell.gain}
        testId={`fader:${source}|${destination}`}
        orientation="horizontal"
      />
    </div>
  );
}
