import { type ReactNode } from 'react';
import { AUDIO_TEXT } from '../text/audio.ts';
import { heightOf } from './ballistics.ts';

const MARKS = [0, -9, -20, -30, -40, -50, -60] as const;

/** The scale of an upright meter: levels in dBFS, which are something else than the gains beside the fader. */
export function DbfsScale(): ReactNode {
  return (
    <div className="dbfs" aria-hidden>
      <span className="dbfs-unit">{AUDIO_TEXT.dbfs}</span>
      {MARKS.map((db) => (
        <span key={db} className="dbfs-mark" style={{ ['--at' as string]: heightOf(db) }}>
          {db === 0 ? '0' : String(db).replace('-', '−')}
        </span>
      ))}
    </div>
  );
}
