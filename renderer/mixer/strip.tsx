import { memo, type ReactNode } from 'react';
import { type Destination, type Source } from '../../electron/contract/index.ts';
import { Fader } from '../controls/fader.tsx';
import { KindIcon } from '../controls/icons.tsx';
import { MuteButton } from '../controls/mute-button.tsx';
import { RefusalNotice } from '../controls/notice.tsx';
import { useGain } from '../controls/use-gain.ts';
import { Meter } from '../meters/meter.tsx';
import { useDocument } from '../state/app-context.ts';
import { channelPlace } from '../state/command-store.ts';
import { S } from '../strings.ts';

export type AudioChannel = Extract<Source | Destination, { media: 'audio' }>;

/** One channel of the mixer: meter, fader, mute. */
export const ChannelStrip = memo(function ChannelStrip({
  channel,
}: {
  readonly channel: AudioChannel;
}): ReactNode {
  const place = channelPlace(channel.id);
  const [gain, setGain] = useGain({ id: channel.id }, channel.gain, place);
  const tally = useDocument(({ status }) => status.tally[channel.id] === true);
  const device = useDocument(({ status }) => status.devices[channel.id]);
  const away = device !== undefined && device.state !== 'online';
  return (
    <div
      className={`channel-strip${channel.muted ? ' muted' : ''}${away ? ' away' : ''}`}
      role="group"
      aria-label={channel.label}
      data-testid={`strip:${channel.id}`}
    >
      <div className="channel-name" title={channel.label}>
        <KindIcon kind={channel.kind} size={14} />
        <span>{channel.label}</span>
      </div>
      <div className="channel-badges">
        {tally ? <span className="badge on-air">{S.channel.onAir}</span> : null}
        {away ? (
          <span className="badge" title={device.reason}>
            {S.device[device.state]}
          </span>
        ) : null}
      </div>
      <div className="channel-body">
        <Fader
          gainDb={gain}
          onChange={setGain}
          label={S.mixer.fader(channel.label)}
          testId={`fader:${channel.id}`}
        />
        <Meter id={channel.id} name={channel.label} orientation="vertical" />
      </div>
      <output className="channel-gain">{S.unit.db(gain)}</output>
      <MuteButton channel={channel} large />
      <RefusalNotice place={place} />
    </div>
  );
});
