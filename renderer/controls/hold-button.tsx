import { useEffect, type KeyboardEvent, type ReactNode } from 'react';
import { useApp, useDocument } from '../state/app-context.ts';
import { type HoldKey } from '../state/hold-keys.ts';
import { AUDIO_TEXT as T } from '../text/audio.ts';
import './controls.css';

/** Push to talk, or the cough key, of one microphone: acts while it is held, by pointer or by Space. */
export function HoldButton({
  id,
  name,
  kind,
}: {
  readonly id: string;
  readonly name: string;
  readonly kind: HoldKey;
}): ReactNode {
  const { holds } = useApp();
  const held = useDocument(({ status }) => status.held[kind].includes(id));
  useEffect(() => () => holds.release(kind, id), [holds, id, kind]);
  const isKey = ({ key }: KeyboardEvent): boolean => key === ' ' || key === 'Enter';
  const help = kind === 'talk' ? T.talkHelp(name) : T.coughHelp(name);
  return (
    <button
      type="button"
      className={`hold-button ${kind}${held ? ' on' : ''}`}
      aria-pressed={held}
      aria-label={help}
      title={help}
      data-testid={`${kind}:${id}`}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        holds.press(kind, id);
      }}
      onPointerUp={() => holds.release(kind, id)}
      onPointerCancel={() => holds.release(kind, id)}
      onLostPointerCapture={() => holds.release(kind, id)}
      onContextMenu={(event) => event.preventDefault()}
      onKeyDown={(event) => {
        if (!isKey(event)) return;
        event.preventDefault();
        if (!event.repeat) holds.press(kind, id);
      }}
      onKeyUp={(event) => isKey(event) && holds.release(kind, id)}
      onBlur={() => holds.release(kind, id)}
    >
      {held ? (kind === 'talk' ? T.talking : T.coughing) : T[kind]}
    </button>
  );
}
