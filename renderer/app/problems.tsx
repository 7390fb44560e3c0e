import { type ReactNode } from 'react';
import Popover from '@mui/material/Popover';
import { Notice } from '../controls/notice.tsx';
import { useApp, useCommands, useDocument } from '../state/app-context.ts';
import { S } from '../strings.ts';

/** Everything that needs a person: what the engine found, and what it refused to do. Nothing vanishes by itself. */
export function Problems({
  anchor,
  onClose,
}: {
  readonly anchor: Element | null;
  readonly onClose: () => void;
}): ReactNode {
  return (
    <Popover
      open={anchor !== null}
      anchorEl={anchor}
      onClose={onClose}
      anchorOrigin={{ vertical: 'bottom', horizontal: 'right' }}
      transformOrigin={{ vertical: 'top', horizontal: 'right' }}
      slotProps={{ paper: { role: 'dialog', 'aria-label': S.problems.title } }}
    >
      <div className="problems">
        <ProblemList />
      </div>
    </Popover>
  );
}

export function ProblemList(): ReactNode {
  const { commander } = useApp();
  const problems = useDocument(({ status }) => status.problems);
  const refusals = useCommands((state) => state.refusals);
  const entries = Object.entries(refusals);
  if (problems.length + entries.length === 0) return <p className="problems-none">{S.problems.none}</p>;
  return (
    <>
      {problems.map(({ id, severity, message, hint }) => (
        <Notice key={id} kind={severity} role="note" message={message} hint={hint} />
      ))}
      {entries.map(([place, { message, hint }]) => (
        <Notice
          key={place}
          role="note"
          message={`${S.problems.refused}: ${message}`}
          hint={hint}
          action={
            <button type="button" onClick={() => commander.dismiss(place)}>
              {S.errors.dismiss}
            </button>
          }
        />
      ))}
    </>
  );
}
