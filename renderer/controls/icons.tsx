import { type ReactNode } from 'react';
import { type Destination, type Source } from '../../electron/contract/index.ts';
import AudioFile from '@mui/icons-material/GraphicEqOutlined';
import Camera from '@mui/icons-material/VideocamOutlined';
import Mic from '@mui/icons-material/MicNoneOutlined';
import Program from '@mui/icons-material/LiveTvOutlined';
import Return from '@mui/icons-material/HearingOutlined';
import Speaker from '@mui/icons-material/SpeakerOutlined';
import Stream from '@mui/icons-material/SensorsOutlined';
import Webcam from '@mui/icons-material/CoPresentOutlined';

const ICONS = {
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

export function KindIcon({
  kind,
  size = 16,
}: {
  readonly kind: keyof typeof ICONS;
  readonly size?: number;
}): ReactNode {
  const Icon = ICONS[kind];
  return <Icon aria-hidden sx={{ fontSize: size }} />;
}
