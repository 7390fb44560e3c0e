import { useState, type ReactNode } from 'react';
import Button from '@mui/material/Button';
import Checkbox from '@mui/material/Checkbox';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import FormControlLabel from '@mui/material/FormControlLabel';
import TextField from '@mui/material/TextField';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import {
  type CommandInput,
  type Gadget,
  type GadgetAction,
  type GadgetManagement,
} from '../../electron/contract/index.ts';
import { Notice, RefusalNotice } from '../controls/notice.tsx';
import { useApp, useBusy } from '../state/app-context.ts';
import { S } from '../strings.ts';
import { MANAGEMENT_TEXT as T } from '../text/gadgets.ts';
import { carePlace } from './care-place.ts';

type Method = 'own' | 'password' | 'key';
const METHODS = ['own', 'password', 'key'] as const satisfies readonly Method[];

const WARNINGS: Partial<Record<GadgetAction, string>> = {
  uninstall: T.uninstallText,
  reboot: T.rebootText,
};

/** How to log in for something that is done on the Pi; asked because the first contact needs it. */
export function ActionDialog({
  gadget,
  action,
  known,
  onClose,
}: {
  readonly gadget: Gadget;
  readonly action: GadgetAction;
  /** The box has a key there already. */
  readonly known: boolean;
  readonly onClose: () => void;
}): ReactNode {
  const { commander } = useApp();
  const place = carePlace(gadget.id);
  const busy = useBusy(place);
  const [method, setMethod] = useState<Method>(known ? 'own' : 'password');
  const [password, setPassword] = useState('');
  const [key, setKey] = useState('');
  const begin = async (): Promise<void> => {
    const credentials =
      method === 'password' && password !== ''
        ? { password }
        : method === 'key' && key.trim() !== ''
          ? { key: key.trim() }
          : {};
    const command = { type: `gadget.${action}`, id: gadget.id, ...credentials } as CommandInput;
    if (await commander.run(place, command)) onClose();
  };
  const warning = WARNINGS[action];
  return (
    <Dialog open onClose={onClose} aria-labelledby="action-title">
      <form
        noValidate
        autoComplete="off"
        onSubmit={(event) => {
          event.preventDefault();
          void begin();
        }}
      >
        <DialogTitle id="action-title">{T.askTitle(T.actions[action], gadget.label)}</DialogTitle>
        <DialogContent>
          <div className="form">
            {warning === undefined ? null : <Notice kind="warning" role="note" message={warning} />}
            <div>{T.askHelp}</div>
            <ToggleButtonGroup
              exclusive
              size="small"
              value={method}
              aria-label={T.with}
              onChange={(_event, next: Method | null) => next !== null && setMethod(next)}
            >
              {METHODS.map((name) => (
                <ToggleButton key={name} value={name} data-testid={`login:${name}`}>
                  {T.methods[name]}
                </ToggleButton>
              ))}
            </ToggleButtonGroup>
            {method === 'password' ? (
              <TextField
                label={T.password}
                helperText={T.passwordHelp}
                type="password"
                value={password}
                autoFocus
                onChange={({ target }) => setPassword(target.value)}
                slotProps={{
                  htmlInput: { maxLength: 1024, autoComplete: 'off', 'data-testid': 'ssh-password' },
                }}
              />
            ) : null}
            {method === 'key' ? (
              <TextField
                label={T.key}
                helperText={T.keyHelp}
                value={key}
                autoFocus
                onChange={({ target }) => setKey(target.value)}
                slotProps={{ htmlInput: { maxLength: 4096, 'data-testid': 'ssh-key' } }}
              />
            ) : null}
            <RefusalNotice place={place} />
          </div>
        </DialogContent>
        <DialogActions>
          <Button onClick={onClose}>{S.camerasView.cancel}</Button>
          <Button
            type="submit"
            variant="contained"
            color={warning === undefined ? 'primary' : 'error'}
            loading={busy}
            data-testid="action-begin"
          >
            {T.begin}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

/** A changed host key stops everything until a person has compared the two. */
export function TrustDialog({
  gadget,
  management,
  onClose,
}: {
  readonly gadget: Gadget;
  readonly management: GadgetManagement;
  readonly onClose: () => void;
}): ReactNode {
  const { commander } = useApp();
  const place = carePlace(gadget.id);
  const [compared, setCompared] = useState(false);
  const { fingerprint, offeredFingerprint } = management;
  const trust = async (): Promise<void> => {
    const command: CommandInput = {
      type: 'gadget.trust',
      id: gadget.id,
      ...(offeredFingerprint === undefined ? {} : { fingerprint: offeredFingerprint }),
    };
    if (await commander.run(place, command)) onClose();
  };
  return (
    <Dialog open onClose={onClose} maxWidth="sm" aria-labelledby="trust-title">
      <DialogTitle id="trust-title">{T.untrustedTitle(gadget.label)}</DialogTitle>
      <DialogContent>
        <div className="form">
          <Notice kind="warning" role="note" message={T.untrustedText} />
          <dl className="facts care-keys">
            <dt>{T.pinned}</dt>
            <dd className="mono">{fingerprint ?? T.none}</dd>
            <dt>{T.offered}</dt>
            <dd className="mono">{offeredFingerprint ?? T.none}</dd>
          </dl>
          <FormControlLabel
            control={<Checkbox checked={compared} onChange={(_event, on) => setCompared(on)} />}
            label={T.confirmTyped}
          />
          <RefusalNotice place={place} />
        </div>
      </DialogContent>
      <DialogActions>
        <Button onClick={onClose}>{S.camerasView.cancel}</Button>
        <Button
          variant="contained"
          color="error"
          disabled={!compared}
          onClick={() => void trust()}
          data-testid="trust"
        >
          {T.trust}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
