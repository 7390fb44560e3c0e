import { memo, useState, type ReactNode } from 'react';
import { useShallow } from 'zustand/react/shallow';
import Tune from '@mui/icons-material/TuneOutlined';
import Safe from '@mui/icons-material/ShieldOutlined';
import { type Destination, type Source } from '../../electron/contract/index.ts';
import { Fader } from '../controls/fader.tsx';
import { HoldButton } from '../controls/hold-button.tsx';
import { ChannelIcon } from '../controls/icons.tsx';
import { MuteButton } from '../controls/mute-button.tsx';
import { RefusalNotice } from '../controls/notice.tsx';
import { useGain } from '../controls/use-gain.ts';
import { DbfsScale } from '../meters/dbfs-scale.tsx';
import { Meter } from '../meters/meter.tsx';
import { useConfig, useDocument } from '../state/app-context.ts';
import { channelPlace } from '../state/command-store.ts';
import { groupGain, mutingGroups } from '../state/groups.ts';
import { S } from '../strings.ts';
import { AUDIO_TEXT as T } from '../text/audio.ts';
import { SoloButton } from './solo.tsx';
import { ChannelDialog } from './strip-dialog.tsx';

export type AudioChannel = Extract<Source | Destination, { media: 'audio' }>;

/** One channel of the mixer: meter, fader, mute, listening and what else there is to set. */
export const ChannelStrip = memo(function ChannelStrip({
  channel,
}: {
  readonly channel: AudioChannel;
}): ReactNode {
  const { id, label } = channel;
  const place = channelPlace(id);
  const [gain, setGain] = useGain({ id }, channel.gain, place);
  const away = useDocument(({ status }) => (status.devices[id]?.state ?? 'online') !== 'online');
  const groups = useConfig((config) => mutingGroups(config, id));
  const added = useConfig((config) => groupGain(config, id));
  const [open, setOpen] = useState(false);
  const silent = channel.muted || groups !== '';
  return (
    <div
      className={`channel-strip${silent ? ' muted' : ''}${away ? ' away' : ''}`}
      role="group"
      aria-label={label}
      data-testid={`strip:${id}`}
      data-colour={channel.colour ?? undefined}
    >
      <div className="channel-name" title={label}>
        <ChannelIcon channel={channel} size={14} />
        <span>{label}</span>
        <button
          type="button"
          className="strip-settings"
          aria-label={T.settingsOf(label)}
          title={T.settingsOf(label)}
          data-testid={`settings:${id}`}
          onClick={() => setOpen(true)}
        >
          <Tune aria-hidden sx={{ fontSize: 16 }} />
        </button>
      </div>
      <Badges channel={channel} groups={groups} />
      <div className="channel-body">
        <Fader gainDb={gain} onChange={setGain} label={S.mixer.fader(label)} testId={`fader:${id}`} />
        <Meter id={id} name={label} orientation="vertical" />
        <DbfsScale />
      </div>
      <output className="channel-gain" title={added === 0 ? undefined : T.gainBy(added)}>
        {S.unit.db(gain)}
        {added === 0 ? null : <span className="channel-added">{S.unit.db(added)}</span>}
      </output>
      <MuteButton channel={channel} large />
      <div className="channel-keys">
        {channel.kind === 'speaker' ? null : <SoloButton id={id} name={label} />}
        {channel.kind === 'microphone' ? (
          <HoldButton id={id} name={label} kind={channel.muted ? 'talk' : 'cough'} />
        ) : null}
      </div>
      <Settings channel={channel} />
      <RefusalNotice place={place} />
      {open ? <ChannelDialog channel={channel} onClose={() => setOpen(false)} /> : null}
    </div>
  );
});

/** What there is to know at a glance: on air, away, muted by a group, echo cancelling, room, ducking. */
function Badges({ channel, groups }: { readonly channel: AudioChannel; readonly groups: string }): ReactNode {
  const { id, kind } = channel;
  const view = useDocument(
    useShallow(({ status }) => ({
      tally: status.tally[id] === true,
      device: status.devices[id]?.state ?? 'online',
      reason: status.devices[id]?.reason,
      ducking: status.ducking && (kind === 'return' || (kind === 'speaker' && channel.duckDb !== null)),
      held: status.held.talk.includes(id) ? 'talk' : status.held.cough.includes(id) ? 'cough' : null,
    })),
  );
  return (
    <div className="channel-badges">
      {view.tally ? <span className="badge on-air">{S.channel.onAir}</span> : null}
      {view.device !== 'online' ? (
        <span className="badge" title={view.reason}>
          {S.device[view.device]}
        </span>
      ) : null}
      {groups === '' ? null : (
        <span className="badge fault" title={T.mutedByShort(groups)} data-testid={`group-muted:${id}`}>
          {T.mutedByShort(groups)}
        </span>
      )}
      {view.held === 'talk' ? <span className="badge live">{T.talking}</span> : null}
      {view.held === 'cough' ? <span className="badge fault">{T.coughing}</span> : null}
      {view.ducking ? (
        <span className="badge weak" title={T.ducking}>
          {T.duckingShort}
        </span>
      ) : null}
    </div>
  );
}

/** What it is set to, below the keys: echo cancelling, talk-over, room, safe. */
function Settings({ channel }: { readonly channel: AudioChannel }): ReactNode {
  const { id, kind } = channel;
  const echo = useDocument(({ status }) => status.echo[id]?.state);
  return (
    <div className="channel-badges set">
      {kind === 'microphone' && channel.echo ? (
        <span
          className={`badge ${echo === 'running' ? 'live' : 'weak'}`}
          title={`${T.echo}: ${T.echoStates[echo ?? 'starting']}`}
        >
          {echo === 'running' ? '● ' : '○ '}
          {T.echoBadge}
        </span>
      ) : null}
      {kind === 'microphone' && channel.talkOver ? (
        <span className="badge" title={T.talkOverHelp}>
          {T.talkOver}
        </span>
      ) : null}
      {'room' in channel && channel.room !== null ? (
        <span className="badge" title={`${T.room}: ${channel.room}`}>
          {channel.room}
        </span>
      ) : null}
      {channel.safe ? <Safe sx={{ fontSize: 14 }} titleAccess={`${T.safe}: ${T.safeHelp}`} /> : null}
    </div>
  );
}
