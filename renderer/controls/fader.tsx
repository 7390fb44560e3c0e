import { useEffect, useRef, type KeyboardEvent, type PointerEvent, type ReactNode } from 'react';
import { GAIN_MAX_DB, GAIN_MIN_DB } from '../../electron/contract/index.ts';
import { S } from '../strings.ts';
import { dragTo, gainAt, MARKS, nudge, travelOfDb } from './fader-scale.ts';
import './controls.css';

interface Grip {
  readonly from: number;
  readonly startTravel: number;
  readonly fine: boolean;
}

/**
 * A gain in dB, −∞ to +10, with 0 dB at three quarters of the way. Drag or click the track, wheel, arrow keys (Shift:
 * fine), double click or Enter for 0 dB.
 */
export function Fader({
  gainDb,
  onChange,
  label,
  testId,
  orientation = 'vertical',
  disabled = false,
}: {
  readonly gainDb: number;
  readonly onChange: (gainDb: number) => void;
  readonly label: string;
  readonly testId: string;
  readonly orientation?: 'vertical' | 'horizontal';
  readonly disabled?: boolean;
}): ReactNode {
  const track = useRef<HTMLDivElement>(null);
  const grip = useRef<Grip | null>(null);
  const upright = orientation === 'vertical';
  const travel = travelOfDb(gainDb);

  const travelOfPointer = (event: PointerEvent): number => {
    const box = track.current?.getBoundingClientRect();
    if (!box) return travel;
    return upright ? (box.bottom - event.clientY) / box.height : (event.clientX - box.left) / box.width;
  };

  const take = (event: PointerEvent, startTravel: number): void => {
    grip.current = { from: travelOfPointer(event), startTravel, fine: event.shiftKey };
  };

  const onPointerDown = (event: PointerEvent<HTMLDivElement>): void => {
    if (disabled || event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    event.currentTarget.focus({ preventScroll: true });
    const onKnob = Math.abs(travelOfPointer(event) - travel) < 0.06;
    if (onKnob || event.shiftKey) take(event, travel);
    else {
      const gain = gainAt(Math.max(0, Math.min(1, travelOfPointer(event))));
      take(event, travelOfDb(gain));
      onChange(gain);
    }
  };

  const onPointerMove = (event: PointerEvent<HTMLDivElement>): void => {
    if (!grip.current) return;
    // Shift pressed on the way: go on finely from here, without a jump.
    if (grip.current.fine !== event.shiftKey) take(event, travel);
    const gain = dragTo(grip.current.startTravel, travelOfPointer(event) - grip.current.from, event.shiftKey);
    if (gain !== gainDb) onChange(gain);
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    if (disabled || event.ctrlKey || event.metaKey || event.altKey) return;
    const to = keyGain(event.key, gainDb, event.shiftKey);
    if (to === null) return;
    event.preventDefault();
    event.stopPropagation();
    if (to !== gainDb) onChange(to);
  };

  // React listens to wheels passively; a fader must keep the page from scrolling.
  const latest = useRef({ gainDb, onChange, disabled });
  useEffect(() => {
    latest.current = { gainDb, onChange, disabled };
  });
  useEffect(() => {
    const element = track.current;
    if (!element) return;
    const onWheel = (event: WheelEvent): void => {
      const now = latest.current;
      const delta = event.deltaY === 0 ? event.deltaX : event.deltaY;
      if (now.disabled || delta === 0) return;
      event.preventDefault();
      now.onChange(nudge(now.gainDb, delta < 0 ? 1 : -1, event.shiftKey));
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, []);

  return (
    <div className={`fader ${orientation}${disabled ? ' disabled' : ''}`}>
      <div className="fader-marks" aria-hidden>
        {MARKS.map((db) => (
          <span
            key={db}
            style={{ ['--at' as string]: travelOfDb(db) }}
            className={db === 0 ? 'zero' : undefined}
          >
            {db > 0 ? `+${db}` : String(db).replace('-', '−')}
          </span>
        ))}
      </div>
      <div
        ref={track}
        className="fader-track"
        role="slider"
        tabIndex={disabled ? -1 : 0}
        aria-label={label}
        aria-orientation={orientation}
        aria-valuemin={GAIN_MIN_DB}
        aria-valuemax={GAIN_MAX_DB}
        aria-valuenow={gainDb}
        aria-valuetext={S.unit.db(gainDb)}
        aria-disabled={disabled}
        data-testid={testId}
        style={{ ['--travel' as string]: travel, ['--zero' as string]: travelOfDb(0) }}
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={() => (grip.current = null)}
        onPointerCancel={() => (grip.current = null)}
        onDoubleClick={() => !disabled && onChange(0)}
        onKeyDown={onKeyDown}
      >
        <div className="fader-rail" />
        <div className="fader-fill" />
        <div className="fader-zero" />
        <div className="fader-knob" />
      </div>
    </div>
  );
}

/** Where a key takes a fader; null when it is none of the fader's keys. */
function keyGain(key: string, gainDb: number, fine: boolean): number | null {
  switch (key) {
    case 'ArrowUp':
    case 'ArrowRight':
    case '+':
      return nudge(gainDb, 1, fine);
    case 'ArrowDown':
    case 'ArrowLeft':
    case '-':
      return nudge(gainDb, -1, fine);
    case 'PageUp':
      return Math.min(GAIN_MAX_DB, gainDb <= GAIN_MIN_DB ? -60 : gainDb + 6);
    case 'PageDown':
      return gainDb - 6 < -60 ? GAIN_MIN_DB : gainDb - 6;
    case 'Home':
      return GAIN_MIN_DB;
    case 'End':
      return GAIN_MAX_DB;
    case 'Enter':
    case '0':
      return 0;
    default:
      return null;
  }
}
