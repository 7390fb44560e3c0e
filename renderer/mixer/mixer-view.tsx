import { type ReactNode } from 'react';
import { useShallow } from 'zustand/react/shallow';
import Button from '@mui/material/Button';
import { isAudio } from '../../electron/contract/index.ts';
import { useApp, useConfig } from '../state/app-context.ts';
import { S } from '../strings.ts';
import { ChannelStrip, type AudioChannel } from './strip.tsx';
import './mixer.css';

const T = S.mixer;

/** Every sound that comes in and goes out, as strips. Gains of single connections are in the matrix. */
export function MixerView(): ReactNode {
  const { levels } = useApp();
  const sources = useConfig(useShallow((config) => config.sources.filter(isAudio)));
  const destinations = useConfig(useShallow((config) => config.destinations.filter(isAudio)));
  return (
    <div className="view mixer-view">
      <div className="view-head">
        <h1>{T.title}</h1>
        <Button onClick={() => levels.clearClip()}>{T.clearClips}</Button>
      </div>
      {sources.length + destinations.length === 0 ? (
        <div className="nothing">
          <strong>{T.none}</strong>
          {T.noneHelp}
        </div>
      ) : (
        <div className="mixer">
          <Side title={T.sources} channels={sources} />
          <Side title={T.destinations} channels={destinations} />
        </div>
      )}
    </div>
  );
}

function Side({
  title,
  channels,
}: {
  readonly title: string;
  readonly channels: readonly AudioChannel[];
}): ReactNode {
  if (channels.length === 0) return null;
  return (
    <section className="mixer-side" aria-label={title}>
      <h2>{title}</h2>
      <div className="mixer-strips">
        {channels.map((channel) => (
          <ChannelStrip key={channel.id} channel={channel} />
        ))}
      </div>
    </section>
  );
}
