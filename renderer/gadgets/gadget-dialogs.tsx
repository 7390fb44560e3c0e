import { useState, type ReactNode } from 'react';
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import TextField from '@mui/material/TextField';
import { type CommandInput, type FoundGadget, type Gadget } from '../../electron/contract/index.ts';
import { gadgetAddress } from '../cameras/addresses.ts';
import { useRtmpAddress } from '../cameras/use-rtmp-address.ts';
import { CopyLine } from '../controls/copy-line.tsx';
import { RefusalNotice } from '../controls/notice.tsx';
import { useApp, useBusy } from '../state/app-context.ts';
import { S } from '../strings.ts';

const PLACE = 'form:gadget';
const T = S.gadgetsView;

export interface GadgetToken {
  readonly id: string;
  readonly name: string;
  readonly token: string;
}

/** Add a gadget, or change where it is managed. */
export function GadgetForm({
  gadget,
  found = null,
  onDone,
  onClose,
}: {
  readonly gadget: Gadget | null;
  /** Found in the network: its address is known. */
  readonly found?: FoundGadget | null;
  readonly onDone?: (made: GadgetToken) => void;
  readonly onClose: () => void;
}): ReactNode {
  const { commander } = useApp();
  const busy = useBusy(PLACE);
  const [name, setName] = useState(gadget?.label ?? found?.name ?? '');
  const [host, setHost] = useState(gadget?.host ?? found?.host ?? '');
  const [user, setUser] = useState(gadget?.user ?? 'pi');
  const [port, setPort] = useState(String(gadget?.port ?? found?.port ?? 22));
  const close = (): void => {
    commander.dismiss(PLACE);
    onClose();
  };
  const submit = async (): Promise<void> => {
    const label = name.trim();
    if (label === '') return;
    const at =
      host.trim() === '' ? { host: null } : { host: host.trim(), user: user.trim(), port: Number(port) };
    const commands: CommandInput[] = gadget
      ? [
          { type: 'gadget.update', id: gadget.id, ...at },
          ...(label === gadget.label ? [] : [{ type: 'rename', id: gadget.id, name: label } as const]),
        ]
      : [{ type: 'gadget.add', name: label, ...at }];
    const answer = await commander.run(PLACE, commands);
    if (!answer) return;
    const { id, token } = answer.results[0] ?? {};
    if (typeof id === 'string' && typeof token === 'string') onDone?.({ id, name: label, token });
    close();
  };
  return (
    <Dialog open onClose={close} aria-labelledby="gadget-form-title">
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <DialogTitle id="gadget-form-title">{gadget ? `${T.edit}: ${gadget.label}` : T.add}</DialogTitle>
        <DialogContent>
          <div className="form">
            <TextField
              label={T.name}
              helperText={T.nameHelp}
              value={name}
              required
              autoFocus
              onChange={(event) => setName(event.target.value)}
              slotProps={{ htmlInput: { maxLength: 80, 'data-testid': 'gadget-name' } }}
            />
            <TextField
              label={T.host}
              helperText={T.hostHelp}
              value={host}
              onChange={(event) => setHost(event.target.value)}
              slotProps={{ htmlInput: { maxLength: 253, 'data-testid': 'gadget-host' } }}
            />
            {host.trim() === '' ? null : (
              <div className="form-pair two">
                <TextField label={T.user} value={user} onChange={(event) => setUser(event.target.value)} />
                <TextField
                  label={T.port}
                  value={port}
                  type="number"
                  onChange={(event) => setPort(event.target.value)}
                />
              </div>
            )}
            <RefusalNotice place={PLACE} />
          </div>
        </DialogContent>
        <DialogActions>
          <Button onClick={close}>{S.camerasView.cancel}</Button>
          <Button type="submit" variant="contained" loading={busy} data-testid="gadget-submit">
            {gadget ? T.save : T.create}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

export function GadgetTokenDialog({
  made,
  onClose,
}: {
  readonly made: GadgetToken;
  readonly onClose: () => void;
}): ReactNode {
  const address = useRtmpAddress();
  return (
    <Dialog open onClose={onClose} maxWidth="sm" aria-labelledby="gadget-token-title">
      <DialogTitle id="gadget-token-title">{T.ready(made.name)}</DialogTitle>
      <DialogContent>
        <div className="form">
          <div>{T.readyHelp}</div>
          <CopyLine
            label={T.playUrl}
            value={gadgetAddress(address, made.id, made.token)}
            testId="gadget-address"
          />
          <CopyLine label={T.token} value={made.token} testId="gadget-token" />
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
