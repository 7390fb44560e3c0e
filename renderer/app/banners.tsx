import { useEffect, useState, type ReactNode } from 'react';
import { useStore } from 'zustand';
import { Notice, RefusalNotice } from '../controls/notice.tsx';
import { useApp, useConfig, useDocument } from '../state/app-context.ts';
import { isPanicked } from '../state/selectors.ts';
import { S } from '../strings.ts';
import { BAR } from './use-shortcuts.ts';

/** Seconds until a time, counted down once a second. */
function useSecondsUntil(time: number | null): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (time === null) return;
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, [time]);
  return time === null ? 0 : Math.max(0, Math.ceil((time - now) / 1000));
}

/** What concerns everything and lasts: no connection, panic, a refused command of the top bar. */
export function Banners(): ReactNode {
  const app = useApp();
  const connection = useStore(app.server, (state) => state.connection);
  const panicked = useConfig(isPanicked);
  const undoesPanic = useDocument(({ status }) => status.history.undo !== null);
  const seconds = useSecondsUntil(connection.state === 'waiting' ? connection.retryAt : null);
  return (
    <div className="banners">
      {connection.state === 'open' ? null : (
        <div data-testid="not-connected">
          <Notice
            kind="warning"
            message={S.connection.waitingLong}
            hint={connection.state === 'waiting' ? S.connection.retry(seconds) : S.connection.retry(0)}
            action={
              <button type="button" onClick={() => app.client.resync()}>
                {S.connection.retryNow}
              </button>
            }
          />
        </div>
      )}
      {panicked ? (
        <div data-testid="panicked">
          <Notice
            message={S.bar.panicked}
            action={
              undoesPanic ? (
                <button type="button" onClick={() => void app.commander.run(BAR, { type: 'undo' })}>
                  {S.bar.panicUndo}
                </button>
              ) : null
            }
          />
        </div>
      ) : null}
      <RefusalNotice place={BAR} />
    </div>
  );
}
