import { memo, useState, type ReactNode } from 'react';
import { useShallow } from 'zustand/react/shallow';
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import TextField from '@mui/material/TextField';
import GroupIcon from '@mui/icons-material/AccountTreeOutlined';
import VolumeOff from '@mui/icons-material/VolumeOff';
import VolumeOn from '@mui/icons-material/VolumeUpOutlined';
import { type CommandInput, type Group } from '../../electron/contract/index.ts';
import { Confirm } from '../controls/confirm.tsx';
import { Fader } from '../controls/fader.tsx';
import { RefusalNotice } from '../controls/notice.tsx';
import { useGain } from '../controls/use-gain.ts';
import { useApp, useBusy, useConfig } from '../state/app-context.ts';
import { channelPlace } from '../state/command-store.ts';
import { findChannel } from '../state/selectors.ts';
import { S } from '../strings.ts';
import { AUDIO_TEXT as T } from '../text/audio.ts';

/** A DCA: one fader and one mute for all its members, whose own settings stay. */
export const GroupStrip = memo(function GroupStrip({ group }: { readonly group: Group }): ReactNode {
  const { commander } = useApp();
  const { id, label, muted, members } = group;
  const place = channelPlace(id);
  const [gain, setGain] = useGain({ id }, group.gain, place);
  const [open, setOpen] = useState<'edit' | 'remove' | null>(null);
  const names = useConfig(
    useShallow((config) => members.map((member) => findChannel(config, member)?.label ?? member)),
  );
  const name = muted ? S.channel.unmute(label) : S.channel.mute(label);
  const Icon = muted ? VolumeOff : VolumeOn;
  return (
    <div
      className={`channel-strip group-strip${muted ? ' muted' : ''}`}
      role="group"
      aria-label={label}
      data-testid={`strip:${id}`}
    >
      <div className="channel-name" title={label}>
        <GroupIcon aria-hidden sx={{ fontSize: 14 }} />
        <span>{label}</span>
      </div>
      <div className="channel-badges" title={names.join(', ')}>
        <span className="badge">{members.length === 0 ? T.noMembers : T.memberCount(members.length)}</span>
      </div>
      <div className="channel-body">
        <Fader gainDb={gain} onChange={setGain} label={S.mixer.fader(label)} testId={`fader:${id}`} />
      </div>
      <output className="channel-gain">{S.unit.db(gain)}</output>
      <button
        type="button"
        className={`mute-button large${muted ? ' muted' : ''}`}
        aria-label={name}
        aria-pressed={muted}
        title={name}
        data-testid={`mute:${id}`}
        onClick={() => void commander.run(place, { type: muted ? 'unmute' : 'mute', id })}
      >
        <Icon aria-hidden sx={{ fontSize: 20 }} />
        <span>{muted ? S.channel.muted : S.mixer.mute}</span>
      </button>
      <div className="channel-keys">
        <button
          type="button"
          className="strip-settings wide"
          data-testid={`members:${id}`}
          onClick={() => setOpen('edit')}
        >
          {T.edit}
        </button>
      </div>
      <RefusalNotice place={place} />
      {open === 'edit' ? (
        <GroupDialog group={group} onClose={() => setOpen(null)} onRemove={() => setOpen('remove')} />
      ) : null}
      {open === 'remove' ? (
        <Confirm
          title={T.removeGroupTitle(label)}
          text={T.removeGroupText}
          action={T.removeGroup}
          place={place}
          onConfirm={() => commander.run(place, { type: 'group.remove', id })}
          onClose={() => setOpen(null)}
        />
      ) : null}
    </div>
  );
});

const PLACE = 'form:group';

/** Name and members of a group, or of a new one. */
export function GroupDialog({
  group,
  onClose,
  onRemove,
}: {
  readonly group: Group | null;
  readonly onClose: () => void;
  readonly onRemove?: () => void;
}): ReactNode {
  const { commander } = useApp();
  const busy = useBusy(PLACE);
  const [name, setName] = useState(group?.label ?? '');
  const [members, setMembers] = useState<readonly string[]>(group?.members ?? []);
  const sources = useConfig(({ sources: all }) => all);
  const destinations = useConfig(({ destinations: all }) => all);
  const close = (): void => {
    commander.dismiss(PLACE);
    onClose();
  };
  const submit = async (): Promise<void> => {
    const label = name.trim();
    if (label === '') return;
    const commands: CommandInput[] = group
      ? [
          { type: 'group.update', id: group.id, members: [...members] },
          ...(label === group.label ? [] : [{ type: 'rename', id: group.id, name: label } as const]),
        ]
      : [{ type: 'group.add', name: label, members: [...members] }];
    if (await commander.run(PLACE, commands)) close();
  };
  return (
    <Dialog open onClose={close} aria-labelledby="group-title">
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <DialogTitle id="group-title">{group ? group.label : T.addGroup}</DialogTitle>
        <DialogContent>
          <div className="form">
            <div>{T.groupHelp}</div>
            <TextField
              label={T.groupName}
              value={name}
              required
              autoFocus
              onChange={({ target }) => setName(target.value)}
              slotProps={{ htmlInput: { maxLength: 80, 'data-testid': 'group-name' } }}
            />
            {[
              { title: S.mixer.sources, channels: sources },
              { title: S.mixer.destinations, channels: destinations },
            ].map(({ title, channels }) => (
              <fieldset key={title} className="group-members">
                <legend>{title}</legend>
                {channels.map((channel) => (
                  <label key={channel.id}>
                    <input
                      type="checkbox"
                      checked={members.includes(channel.id)}
                      data-testid={`member:${channel.id}`}
                      onChange={({ target }) =>
                        setMembers((now) =>
                          target.checked
                            ? [...now, channel.id]
                            : now.filter((member) => member !== channel.id),
                        )
                      }
                    />
                    {channel.label} · {S.kinds[channel.kind]}
                  </label>
                ))}
              </fieldset>
            ))}
            <RefusalNotice place={PLACE} />
          </div>
        </DialogContent>
        <DialogActions>
          {onRemove ? (
            <Button color="error" onClick={onRemove} sx={{ mr: 'auto' }}>
              {T.removeGroup}
            </Button>
          ) : null}
          <Button onClick={close}>{S.camerasView.cancel}</Button>
          <Button type="submit" variant="contained" loading={busy} data-testid="group-submit">
            {group ? S.camerasView.save : S.camerasView.create}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
