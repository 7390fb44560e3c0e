import { type ReactNode } from 'react';
import MicOff from '@mui/icons-material/MicOff';
import MicOn from '@mui/icons-material/MicNoneOutlined';
import VideoOff from '@mui/icons-material/VideocamOff';
import VideoOn from '@mui/icons-material/VideocamOutlined';
import VolumeOff from '@mui/icons-material/VolumeOff';
import VolumeOn from '@mui/icons-material/VolumeUpOutlined';
import { type Destination, type Source } from '../../electron/contract/index.ts';
import { channelPlace } from '../state/command-store.ts';
import { useApp } from '../state/app-context.ts';
import { S } from '../strings.ts';
import './controls.css';

const ICONS = { mic: [MicOff, MicOn], video: [VideoOff, VideoOn], sound: [VolumeOff, VolumeOn] } as const;

export const muteName = (channel: Source | Destination): string =>
  channel.media === 'video'
    ? channel.muted
      ? S.channel.unblank(channel.label)
      : S.channel.blank(channel.label)
    : channel.muted
      ? S.channel.unmute(channel.label)
      : S.channel.mute(channel.label);

/** Mutes a source or destination; works locked or not. */
export function MuteButton({
  channel,
  testId = `mute:${channel.id}`,
  tabIndex,
  large = false,
}: {
  readonly channel: Source | Destination;
  readonly testId?: string;
  readonly tabIndex?: number;
  readonly large?: boolean;
}): ReactNode {
  const { commander } = useApp();
  const name = muteName(channel);
  const set =
    channel.media === 'video'
      ? ICONS.video
      : channel.kind === 'microphone' || channel.kind === 'mic'
        ? ICONS.mic
        : ICONS.sound;
  const Icon = channel.muted ? set[0] : set[1];
  return (
    <button
      type="button"
      className={`mute-button${channel.muted ? ' muted' : ''}${large ? ' large' : ''}`}
      data-testid={testId}
      aria-label={name}
      aria-pressed={channel.muted}
      title={name}
      tabIndex={tabIndex}
      onPointerDown={(event) => event.stopPropagation()}
      onClick={(event) => {
        event.stopPropagation();
        void commander.run(channelPlace(channel.id), {
          type: channel.muted ? 'unmute' : 'mute',
          id: channel.id,
        });
      }}
    >
      <Icon aria-hidden sx={{ fontSize: large ? 20 : 16 }} />
      {large ? <span>{channel.muted ? S.channel.muted : S.mixer.mute}</span> : null}
    </button>
  );
}
