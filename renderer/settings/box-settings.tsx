import { useState, type ReactNode } from 'react';
import { useShallow } from 'zustand/react/shallow';
import MenuItem from '@mui/material/MenuItem';
import Slider from '@mui/material/Slider';
import TextField from '@mui/material/TextField';
import { type CommandInput, SOUND_MIXERS, SoundMixer } from '../../electron/contract/index.ts';
import { RefusalNotice } from '../controls/notice.tsx';
import { Typed } from '../mixer/strip-dialog.tsx';
import { useApp, useConfig, useUi } from '../state/app-context.ts';
import { microphones } from '../state/selectors.ts';
import { prefer } from '../state/ui-store.ts';
import { EMPTY_SHOWN } from '../controls/empty-shown.ts';
import { S } from '../strings.ts';
import { TALK_TEXT } from '../text/desk.ts';
import { BOX_TEXT as T } from '../text/settings.ts';

const PLACE = 'form:settings';
type Update = Omit<Extract<CommandInput, { type: 'settings.update' }>, 'type'>;

/** What holds for the whole box: slates, the headphones for listening, the ceiling of all gains. */
export function BoxSettings(): ReactNode {
  const { commander } = useApp();
  const settings = useConfig((config) => config.settings);
  const speakers = useConfig(
    useShallow((config) => config.destinations.filter(({ kind }) => kind === 'speaker')),
  );
  const send = (change: Update): void => void commander.run(PLACE, { type: 'settings.update', ...change });
  return (
    <section>
      <h2>{T.title}</h2>
      <div className="form settings-form" data-testid="box-settings">
        <TextField
          select
          label={T.solo}
          helperText={T.soloHelp}
          value={speakers.some(({ id }) => id === settings.soloDestination) ? settings.soloDestination : ''}
          onChange={({ target }) => send({ soloDestination: target.value === '' ? null : target.value })}
          slotProps={{ ...EMPTY_SHOWN, htmlInput: { 'data-testid': 'solo-destination' } }}
        >
          <MenuItem value="">{T.none}</MenuItem>
          {speakers.map(({ id, label }) => (
            <MenuItem key={id} value={id}>
              {label}
            </MenuItem>
          ))}
        </TextField>
        <Slide
          text={(value) => T.ceiling(S.unit.db(value))}
          help={T.ceilingHelp}
          value={settings.gainCeilingDb}
          min={-20}
          max={20}
          step={1}
          onDone={(gainCeilingDb) => send({ gainCeilingDb })}
          testId="gain-ceiling"
        />
        <TextField
          select
          label={T.mixer}
          helperText={T.mixerHelp}
          value={settings.soundMixer}
          onChange={({ target }) => send({ soundMixer: SoundMixer.parse(target.value) })}
          slotProps={{ htmlInput: { 'data-testid': 'sound-mixer' } }}
        >
          {SOUND_MIXERS.map((mixer) => (
            <MenuItem key={mixer} value={mixer}>
              {T.mixers[mixer]}
            </MenuItem>
          ))}
        </TextField>
        <Slide
          text={(value) => T.slateAfter(S.unit.ms(value))}
          help={T.slateAfterHelp}
          value={settings.slateAfterMs}
          min={100}
          max={10_000}
          step={100}
          onDone={(slateAfterMs) => send({ slateAfterMs })}
          testId="slate-after"
        />
        <Typed
          label={T.noSignal}
          help={T.slateHelp}
          value={settings.slates.noSignal ?? ''}
          onDone={(file) => send({ slates: { noSignal: file === '' ? null : file } })}
          testId="slate-no-signal"
        />
        <Typed
          label={T.muted}
          help={T.slateHelp}
          value={settings.slates.muted ?? ''}
          onDone={(file) => send({ slates: { muted: file === '' ? null : file } })}
          testId="slate-muted"
        />
        <RefusalNotice place={PLACE} />
      </div>
    </section>
  );
}

function Slide({
  text,
  help,
  value,
  min,
  max,
  step,
  onDone,
  testId,
}: {
  readonly text: (value: number) => string;
  readonly help: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly onDone: (value: number) => void;
  readonly testId: string;
}): ReactNode {
  const [hand, setHand] = useState<number | null>(null);
  return (
    <div>
      <div className="form-label">{text(hand ?? value)}</div>
      <Slider
        size="small"
        aria-label={text(hand ?? value)}
        {...{ min, max, step }}
        value={hand ?? value}
        onChange={(_event, next) => setHand(next)}
        onChangeCommitted={(_event, next) => {
          onDone(next);
          setHand(null);
        }}
        data-testid={testId}
      />
      <div className="cell-details-help">{help}</div>
    </div>
  );
}

/** Which microphone the talk and cough keys of this window are for. */
export function TalkSettings(): ReactNode {
  const { ui } = useApp();
  const chosen = useUi(({ preferences }) => preferences.talkMicrophone);
  const mics = useConfig(useShallow((config) => microphones(config)));
  return (
    <section>
      <h2>{TALK_TEXT.title}</h2>
      <div className="form settings-form">
        <TextField
          select
          label={TALK_TEXT.microphone}
          helperText={TALK_TEXT.help}
          value={mics.some(({ id }) => id === chosen) ? chosen : ''}
          onChange={({ target }) => prefer(ui, { talkMicrophone: target.value })}
          slotProps={{ ...EMPTY_SHOWN, htmlInput: { 'data-testid': 'talk-microphone' } }}
        >
          <MenuItem value="">{TALK_TEXT.none}</MenuItem>
          {mics.map(({ id, label }) => (
            <MenuItem key={id} value={id}>
              {label}
            </MenuItem>
          ))}
        </TextField>
      </div>
    </section>
  );
}
