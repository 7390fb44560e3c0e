import { useState, type ReactNode } from 'react';
import { useStore } from 'zustand';
import TextField from '@mui/material/TextField';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import { type LogEntry } from '../../electron/contract/index.ts';
import { StateSign } from '../controls/state-sign.tsx';
import { useApp } from '../state/app-context.ts';
import { LOG_TEXT as T } from '../text/desk.ts';

type Shown = keyof typeof T.kinds;
const KINDS = ['all', 'command', 'state', 'trouble'] as const satisfies readonly Shown[];

const fits = (entry: LogEntry, shown: Shown, text: string): boolean =>
  (shown === 'all' || (shown === 'trouble' ? entry.severity !== 'info' : entry.kind === shown)) &&
  entry.message.toLocaleLowerCase().includes(text.toLocaleLowerCase());

const TIME = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: 'short', timeStyle: 'medium' });

/** What happened, newest first. */
export function LogView(): ReactNode {
  const { events } = useApp();
  const entries = useStore(events, (state) => state.entries);
  const [shown, setShown] = useState<Shown>('all');
  const [text, setText] = useState('');
  const found = entries.filter((entry) => fits(entry, shown, text)).reverse();
  return (
    <div className="view log-view">
      <div className="view-head">
        <h1>{T.title}</h1>
      </div>
      <p className="view-intro">{T.intro}</p>
      <div className="log-tools">
        <ToggleButtonGroup
          exclusive
          size="small"
          value={shown}
          aria-label={T.find}
          onChange={(_event, next: Shown | null) => next !== null && setShown(next)}
        >
          {KINDS.map((kind) => (
            <ToggleButton key={kind} value={kind} data-testid={`log:${kind}`}>
              {T.kinds[kind]}
            </ToggleButton>
          ))}
        </ToggleButtonGroup>
        <TextField
          placeholder={T.find}
          value={text}
          onChange={({ target }) => setText(target.value)}
          slotProps={{ htmlInput: { 'aria-label': T.find, 'data-testid': 'find-log' } }}
        />
      </div>
      {found.length === 0 ? <div className="nothing">{entries.length === 0 ? T.none : T.nothing}</div> : null}
      <ol className="log" data-testid="log">
        {found.map((entry) => (
          <li key={entry.number} className={entry.severity}>
            <time dateTime={new Date(entry.at).toISOString()} title={DATE.format(entry.at)}>
              {TIME.format(entry.at)}
            </time>
            <span className="log-sign">
              {entry.severity === 'info' ? null : (
                <StateSign state={entry.severity === 'error' ? 'error' : 'degraded'} size={13} />
              )}
            </span>
            <span>{entry.message}</span>
            <span className="log-by">{entry.origin === undefined ? '' : T.by(entry.origin)}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}
