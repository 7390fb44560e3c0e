import { useState, type ReactNode } from 'react';
import { useShallow } from 'zustand/react/shallow';
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import FormControlLabel from '@mui/material/FormControlLabel';
import MenuItem from '@mui/material/MenuItem';
import Slider from '@mui/material/Slider';
import Switch from '@mui/material/Switch';
import TextField from '@mui/material/TextField';
import { type CommandInput, type Destination, type Source } from '../../electron/contract/index.ts';
import { Notice, RefusalNotice } from '../controls/notice.tsx';
import { useApp, useConfig, useDocument } from '../state/app-context.ts';
import { channelPlace } from '../state/command-store.ts';
import { EMPTY_SHOWN } from '../controls/empty-shown.ts';
import { S } from '../strings.ts';
import { AUDIO_TEXT as T } from '../text/audio.ts';
import { Looks } from '../controls/looks.tsx';

type Update = Omit<Extract<CommandInput, { type: 'channel.update' }>, 'type' | 'id'>;
type Send = (change: Update) => void;
type Microphone = Extract<Source, { kind: 'microphone' }>;
type SoundOut = Extract<Destination, { media: 'audio' }>;
type Speaker = Extract<Destination, { kind: 'speaker' }>;

/** Everything about one channel that is not on its strip. What is changed acts at once. */
export function ChannelDialog({
  channel,
  onClose,
}: {
  readonly channel: Source | Destination;
  readonly onClose: () => void;
}): ReactNode {
  const { commander } = useApp();
  const place = channelPlace(channel.id);
  const send: Send = (change) =>
    void commander.run(place, { type: 'channel.update', id: channel.id, ...change });
  return (
    <Dialog open onClose={onClose} aria-labelledby="channel-title">
      <DialogTitle id="channel-title">{T.settingsOf(channel.label)}</DialogTitle>
      <DialogContent>
        <div className="form" data-testid="channel-settings">
          {channel.kind === 'microphone' ? <MicrophoneSettings channel={channel} send={send} /> : null}
          {channel.kind === 'speaker' ? <SpeakerSettings channel={channel} send={send} /> : null}
          {channel.kind === 'speaker' || channel.kind === 'mic' ? (
            <OutputSettings key={channel.id} channel={channel} send={send} />
          ) : null}
          {channel.kind === 'webcam' ? (
            <Typed
              label={T.maxFrame}
              help={T.maxFrameHelp}
              value={String(Math.round(channel.maxFrameBytes / 1000))}
              onDone={(text) => send({ maxFrameBytes: Math.round(Number(text) * 1000) })}
              testId="max-frame"
            />
          ) : null}
          <Looks channel={channel} send={send} />
          <RefusalNotice place={place} />
        </div>
      </DialogContent>
      <DialogActions>
        <Button variant="contained" onClick={onClose}>
          {S.camerasView.close}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

/** A text field whose value is sent when it is left or Enter is pressed. */
export function Typed({
  label,
  help,
  value,
  onDone,
  testId,
}: {
  readonly label: string;
  readonly help: string;
  readonly value: string;
  readonly onDone: (text: string) => void;
  readonly testId: string;
}): ReactNode {
  const [text, setText] = useState<string | null>(null);
  const done = (): void => {
    if (text !== null && text.trim() !== value) onDone(text.trim());
    setText(null);
  };
  return (
    <TextField
      label={label}
      helperText={help}
      value={text ?? value}
      onChange={({ target }) => setText(target.value)}
      onBlur={done}
      onKeyDown={(event) => {
        if (event.key !== 'Enter') return;
        event.preventDefault();
        done();
      }}
      slotProps={{ htmlInput: { 'data-testid': testId, maxLength: 4096 } }}
    />
  );
}

function RoomField({ channel, send }: { readonly channel: Microphone | Speaker; readonly send: Send }) {
  return (
    <Typed
      label={T.room}
      help={T.roomHelp}
      value={channel.room ?? ''}
      onDone={(room) => send({ room: room === '' ? null : room })}
      testId="room"
    />
  );
}

function MicrophoneSettings({
  channel,
  send,
}: {
  readonly channel: Microphone;
  readonly send: Send;
}): ReactNode {
  return (
    <>
      <RoomField channel={channel} send={send} />
      <FormControlLabel
        control={<Switch checked={channel.talkOver} onChange={(_event, talkOver) => send({ talkOver })} />}
        label={T.talkOver}
        title={T.talkOverHelp}
      />
      <Echo channel={channel} send={send} />
    </>
  );
}

function Echo({ channel, send }: { readonly channel: Microphone; readonly send: Send }): ReactNode {
  const speakers = useConfig(
    useShallow((config) => config.destinations.filter(({ kind }) => kind === 'speaker')),
  );
  const status = useDocument((state) => state.status.echo[channel.id]);
  const { echo } = channel;
  return (
    <fieldset className="strip-echo">
      <legend>{T.echo}</legend>
      <p>{T.echoHelp}</p>
      {speakers.length === 0 ? <Notice kind="info" role="note" message={T.noSpeaker} /> : null}
      <TextField
        select
        label={T.reference}
        value={speakers.some(({ id }) => id === echo?.reference) ? echo?.reference : ''}
        onChange={({ target }) =>
          send({
            echo:
              target.value === ''
                ? null
                : { reference: target.value, noiseSuppression: echo?.noiseSuppression ?? false },
          })
        }
        slotProps={{ ...EMPTY_SHOWN, htmlInput: { 'data-testid': 'echo-reference' } }}
      >
        <MenuItem value="">{T.echoOff}</MenuItem>
        {speakers.map(({ id, label }) => (
          <MenuItem key={id} value={id}>
            {label}
          </MenuItem>
        ))}
      </TextField>
      {echo ? (
        <>
          <FormControlLabel
            control={
              <Switch
                checked={echo.noiseSuppression}
                onChange={(_event, noiseSuppression) =>
                  send({ echo: { reference: echo.reference, noiseSuppression } })
                }
              />
            }
            label={T.noise}
          />
          <div className="strip-echo-status" data-testid="echo-status" data-state={status?.state}>
            <span className={`badge ${status?.state === 'running' ? 'live' : 'weak'}`}>
              {T.echoStates[status?.state ?? 'starting']}
            </span>
            {status?.delayMs === undefined ? '' : ` ${T.echoAdds(status.delayMs)}`} {status?.reason}
          </div>
        </>
      ) : null}
    </fieldset>
  );
}

const DUCK_DB = -18;

function SpeakerSettings({ channel, send }: { readonly channel: Speaker; readonly send: Send }): ReactNode {
  const [duck, setDuck] = useState<number | null>(null);
  const { duckDb } = channel;
  return (
    <>
      <RoomField channel={channel} send={send} />
      <FormControlLabel
        control={
          <Switch
            checked={duckDb !== null}
            onChange={(_event, on) => send({ duckDb: on ? DUCK_DB : null })}
          />
        }
        label={T.duck}
      />
      {duckDb === null ? null : (
        <div>
          <div className="form-label">{T.duckBy(duck ?? duckDb)}</div>
          <Slider
            size="small"
            aria-label={T.duckBy(duck ?? duckDb)}
            min={-60}
            max={-1}
            value={duck ?? duckDb}
            onChange={(_event, value) => setDuck(value)}
            onChangeCommitted={(_event, value) => {
              send({ duckDb: value });
              setDuck(null);
            }}
          />
        </div>
      )}
    </>
  );
}

function OutputSettings({ channel, send }: { readonly channel: SoundOut; readonly send: Send }): ReactNode {
  const [delay, setDelay] = useState<number | null>(null);
  const { delayMs, latencyMs } = channel;
  return (
    <>
      <div>
        <div className="form-label">
          {T.delay}: {S.unit.ms(delay ?? delayMs)}
        </div>
        <Slider
          size="small"
          aria-label={`${T.delay} (ms)`}
          min={0}
          max={500}
          value={delay ?? delayMs}
          onChange={(_event, value) => setDelay(value)}
          onChangeCommitted={(_event, value) => {
            send({ delayMs: value });
            setDelay(null);
          }}
          data-testid="delay"
        />
        <div className="cell-details-help">{T.delayHelp}</div>
      </div>
      <Typed
        label={T.latency}
        help={T.latencyHelp}
        value={latencyMs === null ? '' : String(latencyMs)}
        onDone={(text) => send({ latencyMs: text === '' ? null : Math.round(Number(text)) })}
        testId="latency"
      />
    </>
  );
}
