import { useMemo, useState, type ReactNode } from 'react';
import { useShallow } from 'zustand/react/shallow';
import Button from '@mui/material/Button';
import { isAudio } from '../../electron/contract/index.ts';
import { DESTINATION_KINDS, SOURCE_KINDS } from '../matrix/model.ts';
import { useApp, useConfig, useDocument } from '../state/app-context.ts';
import { S } from '../strings.ts';
import { ordered } from '../state/ordered.ts';
import { AUDIO_TEXT } from '../text/audio.ts';
import { GroupDialog, GroupStrip } from './group-strip.tsx';
import { ChannelStrip, type AudioChannel } from './strip.tsx';
import './mixer.css';

const T = S.mixer;
const KINDS = [...SOURCE_KINDS, ...DESTINATION_KINDS];

/** Every sound that comes in and goes out, as strips. Gains of single connections are in the matrix. */
export function MixerView(): ReactNode {
  const { levels } = useApp();
  const sources = useConfig(useShallow((config) => config.sources.filter(isAudio)));
  const destinations = useConfig(useShallow((config) => config.destinations.filter(isAudio)));
  const groups = useConfig((config) => config.groups);
  const ducking = useDocument(({ status }) => status.ducking);
  const [adding, setAdding] = useState(false);
  return (
    <div className="view mixer-view">
      <div className="view-head">
        <h1>{T.title}</h1>
        {ducking ? (
          <span className="badge weak" data-testid="ducking">
            {AUDIO_TEXT.ducking}
          </span>
        ) : null}
        <Button onClick={() => levels.clearClip()}>{T.clearClips}</Button>
        <Button variant="outlined" onClick={() => setAdding(true)} data-testid="add-group">
          {AUDIO_TEXT.addGroup}
        </Button>
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
          {groups.length === 0 ? null : (
            <section className="mixer-side" aria-label={AUDIO_TEXT.groups}>
              <h2>{AUDIO_TEXT.groups}</h2>
              <div className="mixer-strips">
                {groups.map((group) => (
                  <GroupStrip key={group.id} group={group} />
                ))}
              </div>
            </section>
          )}
        </div>
      )}
      {adding ? <GroupDialog group={null} onClose={() => setAdding(false)} /> : null}
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
  // As in the matrix: by kind, within it as a person ordered them.
  const sorted = useMemo(
    () => KINDS.flatMap((kind) => ordered(channels.filter((channel) => channel.kind === kind))),
    [channels],
  );
  if (channels.length === 0) return null;
  return (
    <section className="mixer-side" aria-label={title}>
      <h2>{title}</h2>
      <div className="mixer-strips">
        {sorted.map((channel) => (
          <ChannelStrip key={channel.id} channel={channel} />
        ))}
      </div>
    </section>
  );
}
