import { type ReactNode } from 'react';
import { type Destination, type ICONS, type Source } from '../../electron/contract/index.ts';
import AudioFile from '@mui/icons-material/GraphicEqOutlined';
import Camera from '@mui/icons-material/VideocamOutlined';
import Computer from '@mui/icons-material/ComputerOutlined';
import Headset from '@mui/icons-material/HeadsetMicOutlined';
import Mic from '@mui/icons-material/MicNoneOutlined';
import Music from '@mui/icons-material/MusicNoteOutlined';
import People from '@mui/icons-material/GroupsOutlined';
import Person from '@mui/icons-material/PersonOutlined';
import Phone from '@mui/icons-material/PhoneIphoneOutlined';
import Presenter from '@mui/icons-material/InterpreterModeOutlined';
import Program from '@mui/icons-material/LiveTvOutlined';
import Return from '@mui/icons-material/HearingOutlined';
import Room from '@mui/icons-material/MeetingRoomOutlined';
import Screen from '@mui/icons-material/DesktopWindowsOutlined';
import Speaker from '@mui/icons-material/SpeakerOutlined';
import Stream from '@mui/icons-material/SensorsOutlined';
import Webcam from '@mui/icons-material/CoPresentOutlined';

const KINDS = {
  camera: Camera,
  ingest: Stream,
  microphone: Mic,
  return: Return,
  'ingest-audio': AudioFile,
  webcam: Webcam,
  mic: Mic,
  speaker: Speaker,
  program: Program,
} satisfies Record<Source['kind'] | Destination['kind'], unknown>;

const OWN = {
  camera: Camera,
  person: Person,
  people: People,
  presenter: Presenter,
  screen: Screen,
  microphone: Mic,
  headset: Headset,
  music: Music,
  speaker: Speaker,
  phone: Phone,
  computer: Computer,
  room: Room,
} satisfies Record<(typeof ICONS)[number], unknown>;

export function KindIcon({
  kind,
  size = 16,
}: {
  readonly kind: keyof typeof KINDS;
  readonly size?: number;
}): ReactNode {
  const Icon = KINDS[kind];
  return <Icon aria-hidden sx={{ fontSize: size }} />;
}

export function OwnIcon({
  icon,
  size = 16,
}: {
  readonly icon: keyof typeof OWN;
  readonly size?: number;
}): ReactNode {
  const Icon = OWN[icon];
  return <Icon aria-hidden sx={{ fontSize: size }} />;
}

/** The icon that people chose for a channel, else that of its kind. */
export function ChannelIcon({
  channel,
  size = 16,
}: {
  readonly channel: Pick<Source | Destination, 'kind' | 'icon'>;
  readonly size?: number;
}): ReactNode {
  return channel.icon === null ? (
    <KindIcon kind={channel.kind} size={size} />
  ) : (
    <OwnIcon icon={channel.icon} size={size} />
  );
}
