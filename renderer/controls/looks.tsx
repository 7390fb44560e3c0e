import { type ReactNode } from 'react';
import FormControlLabel from '@mui/material/FormControlLabel';
import MenuItem from '@mui/material/MenuItem';
import Switch from '@mui/material/Switch';
import TextField from '@mui/material/TextField';
import {
  COLOURS,
  ICONS,
  type CommandInput,
  type Destination,
  type Source,
} from '../../electron/contract/index.ts';
import { AUDIO_TEXT as T } from '../text/audio.ts';
import { EMPTY_SHOWN } from './empty-shown.ts';
import { OwnIcon } from './icons.tsx';

type Update = Omit<Extract<CommandInput, { type: 'channel.update' }>, 'type' | 'id'>;

/** Colour and icon, by which people tell channels apart; and whether scenes change it. */
export function Looks({
  channel,
  send,
}: {
  readonly channel: Source | Destination;
  readonly send: (change: Update) => void;
}): ReactNode {
  return (
    <div className="looks">
      <fieldset className="looks-colours">
        <legend>{T.colour}</legend>
        {[null, ...COLOURS].map((colour) => (
          <button
            key={colour ?? 'none'}
            type="button"
            className={`looks-colour${colour === null ? ' none' : ''}`}
            {...(colour === null ? {} : { 'data-colour': colour })}
            aria-label={colour === null ? T.noColour : T.colours[colour]}
            title={colour === null ? T.noColour : T.colours[colour]}
            aria-pressed={channel.colour === colour}
            data-testid={`colour:${colour ?? 'none'}`}
            onClick={() => send({ colour })}
          />
        ))}
      </fieldset>
      <TextField
        select
        label={T.icon}
        value={channel.icon ?? ''}
        onChange={({ target }) => send({ icon: target.value === '' ? null : (target.value as 'camera') })}
        slotProps={{ ...EMPTY_SHOWN, htmlInput: { 'data-testid': 'icon' } }}
      >
        <MenuItem value="">{T.ownIcon}</MenuItem>
        {ICONS.map((icon) => (
          <MenuItem key={icon} value={icon}>
            <span className="looks-icon">
              <OwnIcon icon={icon} /> {T.icons[icon]}
            </span>
          </MenuItem>
        ))}
      </TextField>
      <FormControlLabel
        control={
          <Switch
            checked={channel.safe}
            onChange={(_event, safe) => send({ safe })}
            slotProps={{ input: { 'data-testid': 'safe' } as object }}
          />
        }
        label={`${T.safe} · ${T.safeHelp}`}
      />
    </div>
  );
}
