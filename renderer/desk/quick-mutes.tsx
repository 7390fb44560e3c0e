import { type ReactNode } from 'react';
import { MuteButton } from '../controls/mute-button.tsx';
import { Meter } from '../meters/meter.tsx';
import { useConfig } from '../state/app-context.ts';
import { microphones } from '../state/selectors.ts';
import { S } from '../strings.ts';
import './desk.css';

/** Microphones with large mutes: what a phone in the hand is for. */
export function QuickMutes(): ReactNode {
  const sources = useConfig((config) => config.sources);
  const mics = microphones({ sources } as Parameters<typeof microphones>[0]);
  if (mics.length === 0) return null;
  return (
    <section className="quick" aria-label={S.groups.microphone}>
      {mics.map((mic) => (
        <div key={mic.id} className="quick-mic">
          <div className="quick-name">
            <span>{mic.label}</span>
            <Meter id={mic.id} name={mic.label} orientation="horizontal" />
          </div>
          <MuteButton channel={mic} testId={`quick-mute:${mic.id}`} large />
        </div>
      ))}
    </section>
  );
}
