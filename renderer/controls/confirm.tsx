import { type ReactNode } from 'react';
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import { S } from '../strings.ts';
import { RefusalNotice } from './notice.tsx';

/** Asks before something goes. Stays open, with the reason, when it was refused. */
export function Confirm({
  title,
  text,
  action,
  place,
  danger = true,
  onConfirm,
  onClose,
}: {
  readonly title: string;
  readonly text: string;
  readonly action: string;
  /** Where a refusal is kept. */
  readonly place: string;
  readonly danger?: boolean;
  /** Resolves to something when it was done. */
  readonly onConfirm: () => Promise<unknown>;
  readonly onClose: () => void;
}): ReactNode {
  const confirm = async (): Promise<void> => {
    if ((await onConfirm()) !== null) onClose();
  };
  return (
    <Dialog open onClose={onClose} aria-labelledby="confirm-title">
      <DialogTitle id="confirm-title">{title}</DialogTitle>
      <DialogContent>
        {text}
        <RefusalNotice place={place} />
      </DialogContent>
      <DialogActions>
        <Button onClick={onClose}>{S.camerasView.cancel}</Button>
        <Button
          variant="contained"
          color={danger ? 'error' : 'primary'}
          onClick={() => void confirm()}
          data-testid="confirm"
          autoFocus
        >
          {action}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
