import { memo, useState, type ReactNode } from 'react';
import { useShallow } from 'zustand/react/shallow';
import Lock from '@mui/icons-material/LockOutlined';
import { MuteButton } from '../controls/mute-button.tsx';
import { RefusalNotice } from '../controls/notice.tsx';
import { StateSign } from '../controls/state-sign.tsx';
import { LivePicture } from '../pictures/live-picture.tsx';
import { useConfig, useDocument, useRefusal, useUi } from '../state/app-context.ts';
import { channelPlace } from '../state/command-store.ts';
import { cellState, findDestination, findSource, routesInto } from '../state/selectors.ts';
import { mutingGroups } from '../state/groups.ts';
import { S } from '../strings.ts';
import { AUDIO_TEXT } from '../text/audio.ts';
import { SourcePicker } from './source-picker.tsx';
import './desk.css';

/** One webcam or program as a large live picture: what it is being sent, and what there is to know about it. */
export const Tile = memo(function Tile({ id }: { readonly id: string }): ReactNode {
  const destination = useConfig((config) => findDestination(config, id));
  const view = useDocument(
    useShallow((state) => {
      const route = routesInto(state.config, id)[0];
      const source = route && findSource(state.config, route.source);
      const to = findDestination(state.config, id);
      return {
        source: source?.label ?? null,
        state: source && to ? cellState(state, source, to) : 'off',
        reason: route && state.status.cells[`${route.source}|${id}`]?.reason,
        tally: state.status.tally[id] === true,
        away: (state.status.devices[id]?.state ?? 'online') !== 'online',
      };
    }),
  );
  const pointed = useUi(({ drag }) =>
    drag?.target?.destination === id ? (drag.target.obstacle === null ? ' accepts' : ' refuses') : '',
  );
  const wanted = useUi(({ drag }) => drag?.media === 'video');
  const groups = useConfig((config) => mutingGroups(config, id));
  const refusal = useRefusal(channelPlace(id));
  const [picker, setPicker] = useState<Element | null>(null);
  if (!destination) return null;
  const state = view.state === 'none' ? 'off' : view.state;
  return (
    <div
      className={`tile${view.tally ? ' on-air' : ''}${pointed}${wanted ? ' wanted' : ''}`}
      data-testid={`tile:${id}`}
      data-state={state}
      data-drop="destination"
      data-drop-id={id}
    >
      <button
        type="button"
        className="tile-picture"
        aria-haspopup="dialog"
        aria-label={S.channel.send(destination.label)}
        onClick={(event) => setPicker(event.currentTarget)}
      >
        <LivePicture id={id} name={destination.label} />
      </button>
      <div className="tile-top">
        {view.tally ? <span className="badge on-air">{S.channel.onAir}</span> : null}
        {view.away && !view.tally ? <span className="badge">{S.channel.notConnected}</span> : null}
        {groups === '' ? null : <span className="badge fault">{AUDIO_TEXT.mutedByShort(groups)}</span>}
        {destination.muted ? <span className="badge fault">{S.channel.blanked}</span> : null}
      </div>
      <div className="tile-foot">
        <div className="tile-names">
          <span className="tile-name">
            {destination.locked ? <Lock sx={{ fontSize: 13 }} titleAccess={S.channel.locked} /> : null}
            {destination.label}
          </span>
          <span className={`tile-source tint-${state}`} title={view.reason}>
            {view.source === null ? null : <StateSign state={state} size={12} />}
            {view.source ?? S.channel.nothingRouted}
          </span>
        </div>
        <MuteButton channel={destination} testId={`tile-mute:${id}`} />
      </div>
      {refusal ? <RefusalNotice place={channelPlace(id)} /> : null}
      <SourcePicker destination={destination} anchor={picker} onClose={() => setPicker(null)} />
    </div>
  );
});
