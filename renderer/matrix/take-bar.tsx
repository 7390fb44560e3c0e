import { type ReactNode } from 'react';
import Button from '@mui/material/Button';
import { RefusalNotice } from '../controls/notice.tsx';
import { useApp, useUi } from '../state/app-context.ts';
import { discard, take, TAKE_PLACE } from '../state/take.ts';
import { TAKE_TEXT as T } from '../text/desk.ts';

/** What waits to be taken on air. */
export function TakeBar(): ReactNode {
  const app = useApp();
  const count = useUi(({ staged }) => Object.keys(staged).length);
  if (count === 0) return null;
  return (
    <div className="take-bar" role="status" data-testid="take-bar">
      <strong>{T.staged(count)}</strong>
      <Button variant="contained" color="error" onClick={() => void take(app)} data-testid="take">
        {T.take}
      </Button>
      <Button onClick={() => discard(app)} data-testid="discard">
        {T.discard}
      </Button>
      <RefusalNotice place={TAKE_PLACE} />
    </div>
  );
}
