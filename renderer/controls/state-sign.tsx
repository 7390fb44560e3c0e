import { type ReactNode } from 'react';
import { type CellState } from '../../electron/contract/index.ts';
import './controls.css';

/** The sign of a state: its shape says it without the colour. */
export function StateSign({
  state,
  muted = false,
  size = 16,
}: {
  readonly state: CellState;
  readonly muted?: boolean;
  readonly size?: number;
}): ReactNode {
  return (
    <svg className={`state-sign sign-${state}`} width={size} height={size} viewBox="0 0 16 16" aria-hidden>
      {muted && (state === 'live' || state === 'pending') ? MUTED : SHAPES[state]}
    </svg>
  );
}

const line = {
  fill: 'none',
  stroke: 'currentColor',
  strokeWidth: 1.8,
  strokeLinecap: 'round',
  strokeLinejoin: 'round',
} as const;

const MUTED = (
  <g {...line}>
    <path d="M2.5 6.2h2.3L8 3.5v9L4.8 9.8H2.5z" />
    <path d="M10.8 6.2l3.4 3.6M14.2 6.2l-3.4 3.6" />
  </g>
);

const SHAPES: Record<CellState, ReactNode> = {
  off: <circle cx="8" cy="8" r="2.5" fill="currentColor" />,
  pending: (
    <g {...line}>
      <path d="M4.5 2.5h7M4.5 13.5h7M5.3 2.5c0 3.2 5.4 3.2 5.4 5.5s-5.4 2.3-5.4 5.5M10.7 2.5c0 3.2-5.4 3.2-5.4 5.5s5.4 2.3 5.4 5.5" />
    </g>
  ),
  live: <path {...line} strokeWidth={2.2} d="M3.2 8.4l3.2 3.2 6.4-7" />,
  degraded: (
    <g {...line}>
      <path d="M8 2.4l6.2 11H1.8z" />
      <path d="M8 6.6v3M8 11.5v.1" />
    </g>
  ),
  error: (
    <g {...line}>
      <path d="M5.4 1.8h5.2l3.6 3.6v5.2l-3.6 3.6H5.4l-3.6-3.6V5.4z" />
      <path d="M5.9 5.9l4.2 4.2M10.1 5.9l-4.2 4.2" />
    </g>
  ),
  offline: (
    <g {...line}>
      <path
        d="M6.5 9.5L4.4 11.6a2.4 2.4 0 01-3.4-3.4L3.6 5.6M9.5 6.5l2.1-2.1a2.4 2.4 0 013.4 3.4l-2.6 2.6"
        transform="translate(.5 0) scale(.94)"
      />
      <path d="M5.5 2.2v1.6M10.3 12.2v1.6M2.4 13.4l1.4-1.2M13.2 2.6l-1.4 1.2" />
    </g>
  ),
  impossible: (
    <g {...line} strokeWidth={1.5}>
      <circle cx="8" cy="8" r="5" />
      <path d="M4.5 11.5l7-7" />
    </g>
  ),
};
