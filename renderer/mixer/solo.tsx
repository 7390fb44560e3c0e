import { useState, type ReactNode } from 'react';
import { useShallow } from 'zustand/react/shallow';
import Button from '@mui/material/Button';
import Chip from '@mui/material/Chip';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import Headphones from '@mui/icons-material/HeadphonesOutlined';
import { type CommandInput } from '../../electron/contract/index.ts';
import { RefusalNotice } from '../controls/notice.tsx';
import { useApp, useConfig, useDocument } from '../state/app-context.ts';
import { channelPlace } from '../state/command-store.ts';
import { S } from '../strings.ts';
import { AUDIO_TEXT as T } from '../text/audio.ts';

/** Listen to one channel before its fader. Asks once which headphones are the ones. */
export function SoloButton({ id, name }: { readonly id: string; readonly name: string }): ReactNode {
  const { commander } = useApp();
  const on = useDocument(({ status }) => status.solo.includes(id));
  const headphones = useConfig(({ settings }) => settings.soloDestination);
  const [asking, setAsking] = useState(false);
  const label = on ? T.soloOff(name) : T.soloOn(name);
  return (
    <>
      <button
        type="button"
        className={`solo-button${on ? ' on' : ''}`}
        aria-pressed={on}
        aria-label={label}
        title={label}
        data-testid={`solo:${id}`}
        onClick={(event) => {
          if (on) void commander.run(channelPlace(id), { type: 'unsolo', id });
          else if (headphones === null) setAsking(true);
          else
            void commander.run(channelPlace(id), {
              type: 'solo',
              id,
              exclusive: !(event.ctrlKey || event.shiftKey),
            });
        }}
      >
        {T.solo}
      </button>
      {asking ? <HeadphonesDialog id={id} onClose={() => setAsking(false)} /> : null}
    </>
  );
}

function HeadphonesDialog({ id, onClose }: { readonly id: string; readonly onClose: () => void }): ReactNode {
  const { commander } = useApp();
  const speakers = useConfig(
    useShallow((config) => config.destinations.filter(({ kind }) => kind === 'speaker')),
  );
  const [chosen, setChosen] = useState<string>(speakers[0]?.id ?? '');
  const place = 'form:solo';
  const listen = async (): Promise<void> => {
    const set: CommandInput = { type: 'settings.update', soloDestination: chosen };
    if ((await commander.run(place, set)) && (await commander.run(place, { type: 'solo', id }))) onClose();
  };
  return (
    <Dialog open onClose={onClose} aria-labelledby="solo-title">
      <DialogTitle id="solo-title">{T.soloWhere}</DialogTitle>
      <DialogContent>
        <div className="form">
          <div>{speakers.length === 0 ? T.soloNone : T.soloWhereHelp}</div>
          {speakers.length === 0 ? null : (
            <TextField
              select
              label={S.kinds.speaker}
              value={chosen}
              onChange={({ target }) => setChosen(target.value)}
            >
              {speakers.map((speaker) => (
                <MenuItem key={speaker.id} value={speaker.id}>
                  {speaker.label}
                </MenuItem>
              ))}
            </TextField>
          )}
          <RefusalNotice place={place} />
        </div>
      </DialogContent>
      <DialogActions>
        <Button onClick={onClose}>{S.camerasView.cancel}</Button>
        <Button
          variant="contained"
          disabled={chosen === ''}
          onClick={() => void listen()}
          data-testid="solo-listen"
        >
          {T.soloListen}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

/** Says everywhere that somebody listens, and ends it. */
export function SoloChip(): ReactNode {
  const { commander } = useApp();
  const solo = useDocument(({ status }) => status.solo);
  if (solo.length === 0) return null;
  return (
    <Chip
      className="solo-chip"
      size="small"
      icon={<Headphones aria-hidden />}
      label={`${T.soloActive(solo.length)} · ${T.soloClear}`}
      onClick={() => void commander.run('bar', { type: 'solo.clear' })}
      data-testid="solo-clear"
    />
  );
}
