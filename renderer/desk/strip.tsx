import { type ReactNode } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { useConfig } from '../state/app-context.ts';
import { S } from '../strings.ts';
import { Tile } from './tile.tsx';
import './desk.css';

/** What every webcam (and program) is being sent now, large. */
export function Strip(): ReactNode {
  const ids = useConfig(
    useShallow((config) =>
      config.destinations
        .filter(({ media }) => media === 'video')
        .sort((a, b) => Number(a.kind === 'program') - Number(b.kind === 'program'))
        .map(({ id }) => id),
    ),
  );
  if (ids.length === 0) return null;
  return (
    <section className="strip" aria-label={S.matrix.strip} data-many={ids.length > 6}>
      {ids.map((id) => (
        <Tile key={id} id={id} />
      ))}
    </section>
  );
}
