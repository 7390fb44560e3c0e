import { useId, useRef, useState, type ReactNode } from 'react';
import Button from '@mui/material/Button';
import Copy from '@mui/icons-material/ContentCopyOutlined';
import Done from '@mui/icons-material/CheckOutlined';
import { S } from '../strings.ts';

/** Something to enter elsewhere: shown in full, marked by a click, copied by the button. */
export function CopyLine({
  label,
  value,
  testId,
}: {
  readonly label: string;
  readonly value: string;
  readonly testId: string;
}): ReactNode {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [outcome, setOutcome] = useState<'copied' | 'failed' | null>(null);
  const copy = async (): Promise<void> => {
    input.current?.select();
    try {
      await navigator.clipboard.writeText(value);
      setOutcome('copied');
    } catch {
      // Browsers give the clipboard to secure pages only; over plain HTTP in the LAN the text is marked instead.
      setOutcome('failed');
    }
  };
  return (
    <div className="copy-line">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        ref={input}
        readOnly
        value={value}
        onFocus={(event) => event.target.select()}
        data-testid={testId}
      />
      <Button
        variant="outlined"
        startIcon={outcome === 'copied' ? <Done /> : <Copy />}
        onClick={() => void copy()}
        aria-label={`${S.camerasView.copy}: ${label}`}
      >
        {outcome === 'copied' ? S.camerasView.copied : S.camerasView.copy}
      </Button>
      {outcome === 'failed' ? (
        <span className="copy-failed" role="status">
          {S.errors.clipboard}
        </span>
      ) : null}
    </div>
  );
}
