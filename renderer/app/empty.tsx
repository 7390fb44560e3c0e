import { type ReactNode } from 'react';
import Button from '@mui/material/Button';
import { RefusalNotice } from '../controls/notice.tsx';
import { useApp, useBusy, useDocument } from '../state/app-context.ts';
import { S } from '../strings.ts';
import './empty.css';

const PLACE = 'form:demo';

/** The first minute: what this is, what to do, and a rig to try it without any hardware. */
export function Empty(): ReactNode {
  const { commander } = useApp();
  const demo = useDocument((state) => state.status.demo || state.config.sources.length > 0);
  const busy = useBusy(PLACE);
  return (
    <div className="empty">
      <svg className="empty-mark" viewBox="0 0 64 64" aria-hidden>
        <g>
          <path d="M8 20h48M8 44h48M20 8v48M44 8v48" />
        </g>
        <circle className="a" cx="44" cy="20" r="8" />
        <circle className="b" cx="20" cy="44" r="8" />
      </svg>
      <h1>{S.empty.title}</h1>
      <p>{S.empty.text}</p>
      <ol>
        {S.empty.steps.map(({ title, text }, index) => (
          <li key={title}>
            <span className="empty-step" aria-hidden>
              {index + 1}
            </span>
            <strong>{title}</strong>
            <span>{text}</span>
          </li>
        ))}
      </ol>
      <div className="empty-actions">
        <Button variant="contained" size="medium" href="#/cameras">
          {S.empty.addCamera}
        </Button>
        <Button variant="outlined" size="medium" href="#/gadgets">
          {S.empty.addGadget}
        </Button>
      </div>
      {demo ? null : (
        <div className="empty-demo">
          <Button
            size="medium"
            variant="outlined"
            loading={busy}
            data-testid="start-demo"
            onClick={() => void commander.run(PLACE, { type: 'demo.start' })}
          >
            {S.empty.demo}
          </Button>
          <p>{S.empty.demoHelp}</p>
        </div>
      )}
      <RefusalNotice place={PLACE} />
    </div>
  );
}
