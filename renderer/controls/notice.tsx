import { type ReactNode } from 'react';
import { useApp, useRefusal } from '../state/app-context.ts';
import { S } from '../strings.ts';
import './controls.css';

/** A sentence that stays: what is wrong, and what to do. */
export function Notice({
  kind = 'error',
  message,
  hint,
  action,
  role = 'alert',
}: {
  readonly kind?: 'error' | 'warning' | 'info';
  readonly message: string;
  readonly hint?: string | undefined;
  readonly action?: ReactNode;
  readonly role?: 'alert' | 'status' | 'note';
}): ReactNode {
  return (
    <div className={`notice ${kind}`} role={role}>
      <div>
        <strong>{message}</strong>
        {hint}
      </div>
      {action}
    </div>
  );
}

/** What was refused at this place; stays until it works or is dismissed. */
export function RefusalNotice({ place }: { readonly place: string }): ReactNode {
  const { commander } = useApp();
  const refusal = useRefusal(place);
  if (!refusal) return null;
  return (
    <Notice
      message={refusal.message}
      hint={refusal.hint}
      action={
        <button type="button" onClick={() => commander.dismiss(place)}>
          {S.errors.dismiss}
        </button>
      }
    />
  );
}
