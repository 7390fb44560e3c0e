import { memo, type ReactNode } from 'react';
import { useShallow } from 'zustand/react/shallow';
import GroupMuted from '@mui/icons-material/VolumeOffOutlined';
import Headphones from '@mui/icons-material/HeadphonesOutlined';
import Lock from '@mui/icons-material/LockOutlined';
import { type Destination, type Source } from '../../electron/contract/index.ts';
import { ChannelIcon } from '../controls/icons.tsx';
import { MuteButton } from '../controls/mute-button.tsx';
import { StateSign } from '../controls/state-sign.tsx';
import { useSourceHandle } from '../dnd/routing-drag.tsx';
import { Meter } from '../meters/meter.tsx';
import { LivePicture } from '../pictures/live-picture.tsx';
import { useConfig, useDocument, useRefusal, useUi } from '../state/app-context.ts';
import { channelPlace } from '../state/command-store.ts';
import { findDestination, findSource } from '../state/selectors.ts';
import { mutingGroups } from '../state/groups.ts';
import { S } from '../strings.ts';
import { AUDIO_TEXT } from '../text/audio.ts';

export interface HeaderProps {
  readonly id: string;
  readonly axis: 'row' | 'column';
  readonly density: 'comfortable' | 'compact';
  readonly position: string;
  readonly edge: boolean;
  /** Name of the group when it is shown beside the header: then it is not said twice. */
  readonly group: string;
}

const ROLES = { row: 'rowheader', column: 'columnheader' } as const;

/** "Webcam" where the group already says "Desk". */
const shortName = (channel: Source | Destination, group: string): string =>
  channel.label === group ? S.kinds[channel.kind] : channel.label;

function useHeaderState(id: string): {
  trouble: 'offline' | 'error' | null;
  reason: string | undefined;
  tally: boolean;
} {
  return useDocument(
    useShallow(({ status }) => {
      const device = status.devices[id];
      return {
        trouble: device === undefined || device.state === 'online' ? null : device.state,
        reason: device?.reason,
        tally: status.tally[id] === true,
      };
    }),
  );
}

/** What stands in a header, on either axis and side. */
function HeaderBody({
  channel,
  props,
}: {
  readonly channel: Source | Destination;
  readonly props: HeaderProps;
}): ReactNode {
  const { axis, density, group } = props;
  const { trouble, reason, tally } = useHeaderState(channel.id);
  const refusal = useRefusal(channelPlace(channel.id));
  const sign = refusal ? 'error' : trouble;
  const groups = useConfig((config) => mutingGroups(config, channel.id));
  const listened = useDocument(({ status }) => status.solo.includes(channel.id));
  const locked = 'locked' in channel && channel.locked;
  const thumb = channel.media === 'video' && (density === 'comfortable' || axis === 'row');
  const upright = axis === 'column' && density === 'compact';
  return (
    <>
      {thumb ? (
        <span className="mx-thumb">
          <LivePicture id={channel.id} name={channel.label} />
        </span>
      ) : upright ? null : (
        <span className="mx-icon">
          <ChannelIcon channel={channel} size={18} />
        </span>
      )}
      <span className="mx-name" title={refusal?.message ?? reason ?? channel.label}>
        <span className="mx-line">
          <span className="mx-label">{shortName(channel, group)}</span>
          <span className="mx-marks">
            {sign ? <StateSign state={sign} size={13} /> : null}
            {tally ? (
              <span className="badge on-air" title={S.channel.onAirHelp}>
                {density === 'compact' ? S.channel.onAirShort : S.channel.onAir}
              </span>
            ) : null}
            {listened ? <Headphones sx={{ fontSize: 14 }} titleAccess={AUDIO_TEXT.solo} /> : null}
            {groups === '' ? null : (
              <GroupMuted sx={{ fontSize: 14 }} titleAccess={AUDIO_TEXT.mutedByShort(groups)} />
            )}
            {locked ? <Lock sx={{ fontSize: 14 }} titleAccess={S.channel.locked} /> : null}
          </span>
        </span>
        {channel.media === 'audio' ? (
          <span className="mx-meter">
            <Meter
              id={channel.id}
              name={channel.label}
              orientation={upright ? 'vertical' : 'horizontal'}
              turn={axis === 'row' ? 0 : 1}
            />
          </span>
        ) : null}
      </span>
      <MuteButton channel={channel} tabIndex={-1} />
    </>
  );
}

export const SourceHeader = memo(function SourceHeader(props: HeaderProps): ReactNode {
  const { id, axis, position, edge } = props;
  const source = useConfig((config) => findSource(config, id));
  const offline = useDocument(({ status }) => (status.devices[id]?.state ?? 'online') !== 'online');
  const active = useUi((ui) => ui.active === position);
  const carried = useUi((ui) => ui.drag?.sources.includes(id) ?? false);
  const selected = useUi((ui) => ui.selection.includes(id));
  const handle = useSourceHandle({ id: id as Source['id'] });
  if (!source) return null;
  return (
    <div
      ref={handle}
      role={ROLES[axis]}
      className={`mx-header source ${axis}${edge ? ' edge' : ''}${carried ? ' carried' : ''}${selected ? ' selected' : ''}${offline ? ' away' : ''}`}
      tabIndex={active ? 0 : -1}
      data-testid={`source:${id}`}
      data-header="source"
      data-id={id}
      data-pos={position}
      data-media={source.media}
      data-muted={source.muted}
      data-colour={source.colour ?? undefined}
    >
      <HeaderBody channel={source} props={props} />
    </div>
  );
});

export const DestinationHeader = memo(function DestinationHeader(props: HeaderProps): ReactNode {
  const { id, axis, position, edge } = props;
  const destination = useConfig((config) => findDestination(config, id));
  const offline = useDocument(({ status }) => (status.devices[id]?.state ?? 'online') !== 'online');
  const active = useUi((ui) => ui.active === position);
  const pointed = useUi(({ drag }) => {
    if (drag?.target?.destination !== id) return '';
    return drag.target.obstacle === null ? ' accepts' : ' refuses';
  });
  if (!destination) return null;
  return (
    <div
      role={ROLES[axis]}
      className={`mx-header destination ${axis}${edge ? ' edge' : ''}${pointed}${offline ? ' away' : ''}`}
      tabIndex={active ? 0 : -1}
      data-testid={`destination:${id}`}
      data-header="destination"
      data-id={id}
      data-pos={position}
      data-media={destination.media}
      data-muted={destination.muted}
      data-colour={destination.colour ?? undefined}
      data-drop="destination"
      data-drop-id={id}
    >
      <HeaderBody channel={destination} props={props} />
    </div>
  );
});
