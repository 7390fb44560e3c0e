import { useEffect, useRef, useSyncExternalStore, type ReactNode } from 'react';
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import { useApp } from '../state/app-context.ts';
import { S } from '../strings.ts';
import { MANAGEMENT_TEXT as T } from '../text/gadgets.ts';

/** What a gadget writes, line by line as it comes. */
export function LogDialog({
  id,
  name,
  onClose,
}: {
  readonly id: string;
  readonly name: string;
  readonly onClose: () => void;
}): ReactNode {
  const { logs, watching } = useApp();
  const log = useSyncExternalStore(logs.subscribe, () => logs.get(id));
  const end = useRef<HTMLPreElement>(null);
  useEffect(() => {
    logs.clear(id);
    return watching.watch('logs', id);
  }, [id, logs, watching]);
  useEffect(() => {
    const element = end.current;
    if (element) element.scrollTop = element.scrollHeight;
  }, [log]);
  return (
    <Dialog open onClose={onClose} maxWidth="md" aria-labelledby="log-title">
      <DialogTitle id="log-title">{T.logsOf(name)}</DialogTitle>
      <DialogContent>
        <pre ref={end} className="care-log" tabIndex={0} data-testid="gadget-log">
          {log.lines.length === 0 ? T.logsWaiting : log.lines.join('\n')}
        </pre>
        {log.ended === null ? null : <p>{T.logsEnded(log.ended)}</p>}
      </DialogContent>
      <DialogActions>
        <Button variant="contained" onClick={onClose}>
          {S.camerasView.close}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
