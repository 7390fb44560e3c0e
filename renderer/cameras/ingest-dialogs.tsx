import { useState, type ReactNode } from 'react';
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import TextField from '@mui/material/TextField';
import { CopyLine } from '../controls/copy-line.tsx';
import { RefusalNotice } from '../controls/notice.tsx';
import { useApp, useBusy } from '../state/app-context.ts';
import { S } from '../strings.ts';
import { ingestAddress, ingestServer } from './addresses.ts';
import { QrCode } from './qr-code.tsx';
import { useRtmpAddress } from './use-rtmp-address.ts';

const PLACE = 'form:ingest';
const T = S.camerasView;

export interface IngestKey {
  readonly name: string;
  readonly key: string;
}

/** Make the address and key of one encoder. */
export function IngestForm({
  onDone,
  onClose,
}: {
  readonly onDone: (made: IngestKey) => void;
  readonly onClose: () => void;
}): ReactNode {
  const { commander } = useApp();
  const busy = useBusy(PLACE);
  const [name, setName] = useState('');
  const close = (): void => {
    commander.dismiss(PLACE);
    onClose();
  };
  const submit = async (): Promise<void> => {
    const label = name.trim();
    if (label === '') return;
    const answer = await commander.run(PLACE, { type: 'ingest.add', name: label });
    const key = answer?.results[0]?.key;
    if (typeof key === 'string') onDone({ name: label, key });
  };
  return (
    <Dialog open onClose={close} aria-labelledby="ingest-form-title">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <DialogTitle id="ingest-form-title">{T.ingestTitle}</DialogTitle>
        <DialogContent>
          <div className="form">
            <div>{T.ingestHelp}</div>
            <TextField
              label={T.name}
              value={name}
              autoFocus
              required
              onChange={(event) => setName(event.target.value)}
              slotProps={{ htmlInput: { maxLength: 80, 'data-testid': 'ingest-name' } }}
            />
            <RefusalNotice place={PLACE} />
          </div>
        </DialogContent>
        <DialogActions>
          <Button onClick={close}>{T.cancel}</Button>
          <Button type="submit" variant="contained" loading={busy} data-testid="ingest-submit">
            {T.create}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

/** What to enter in the encoder; for a phone as a picture to point its camera at. */
export function IngestKeyDialog({
  made,
  onClose,
}: {
  readonly made: IngestKey;
  readonly onClose: () => void;
}): ReactNode {
  const address = useRtmpAddress();
  const whole = ingestAddress(address, made.key);
  return (
    <Dialog open onClose={onClose} maxWidth="sm" aria-labelledby="ingest-key-title">
      <DialogTitle id="ingest-key-title">{T.ingestReady(made.name)}</DialogTitle>
      <DialogContent>
        <div className="form">
          <div>{T.ingestReadyHelp}</div>
          <CopyLine label={T.server} value={ingestServer(address)} testId="ingest-server" />
          <CopyLine label={T.key} value={made.key} testId="ingest-key" />
          <CopyLine label={T.fullAddress} value={whole} testId="ingest-address" />
          <div className="qr-line">
            <QrCode text={whole} label={T.qr} />
            <div>{T.qrHelp}</div>
          </div>
        </div>
      </DialogContent>
      <DialogActions>
        <Button variant="contained" onClick={onClose}>
          {T.close}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
