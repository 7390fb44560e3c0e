import { useEffect, type ReactNode } from 'react';
import { useStore } from 'zustand';
import CircularProgress from '@mui/material/CircularProgress';
import { CamerasView } from '../cameras/cameras-view.tsx';
import { RoutingDrag } from '../dnd/routing-drag.tsx';
import { GadgetsView } from '../gadgets/gadgets-view.tsx';
import { MatrixView } from '../matrix/matrix-view.tsx';
import { MixerView } from '../mixer/mixer-view.tsx';
import { ScenesView } from '../scenes/scenes-view.tsx';
import { LogView } from '../settings/log-view.tsx';
import { SettingsView } from '../settings/settings-view.tsx';
import { useApp, useConnected, useUi } from '../state/app-context.ts';
import { S } from '../strings.ts';
import { Banners } from './banners.tsx';
import { ErrorBoundary } from './error-boundary.tsx';
import { Navigation } from './navigation.tsx';
import { TokenForm } from './token-form.tsx';
import { TopBar } from './top-bar.tsx';
import { useRoute, type View } from './use-route.ts';
import { useShortcuts } from './use-shortcuts.ts';
import './app.css';

const PAGES: Record<View, () => ReactNode> = {
  matrix: MatrixView,
  cameras: CamerasView,
  gadgets: GadgetsView,
  mixer: MixerView,
  scenes: ScenesView,
  log: LogView,
  settings: SettingsView,
};

/** Nothing is fetched for a window that nobody sees. */
function useHiddenWindow(): void {
  const { watching } = useApp();
  useEffect(() => {
    const onChange = (): void => watching.setHidden(document.visibilityState === 'hidden');
    document.addEventListener('visibilitychange', onChange);
    return () => document.removeEventListener('visibilitychange', onChange);
  }, [watching]);
}

export function Root(): ReactNode {
  const { server } = useApp();
  const known = useStore(server, ({ document }) => document !== null);
  const refused = useStore(server, ({ connection }) => connection.state === 'refused');
  if (refused) return <TokenForm />;
  if (!known) return <Waiting />;
  return <Desk />;
}

function Waiting(): ReactNode {
  const { server } = useApp();
  const waiting = useStore(server, ({ connection }) => connection.state === 'waiting');
  return (
    <main className="lobby" data-testid="waiting">
      <CircularProgress size={28} aria-label={S.connection.connecting} />
      <p>{waiting ? S.errors.notRunning : S.connection.connecting}</p>
      {waiting ? <p>{S.errors.notRunningHint}</p> : null}
    </main>
  );
}

function Desk(): ReactNode {
  const view = useRoute();
  useShortcuts();
  useHiddenWindow();
  const Page = PAGES[view];
  const title = S.views[view];
  const connected = useConnected();
  useEffect(() => {
    document.title = `${title} · ${S.app}`;
  }, [title]);
  return (
    <RoutingDrag>
      <div className="app" data-connected={connected}>
        <TopBar />
        <Navigation view={view} />
        <main className="page" data-view={view} data-testid={`view:${view}`}>
          <Banners />
          <ErrorBoundary key={view}>
            <Page />
          </ErrorBoundary>
        </main>
      </div>
      <Announcer />
    </RoutingDrag>
  );
}

function Announcer(): ReactNode {
  const text = useUi((ui) => ui.announcement);
  return (
    <div className="sr-only" role="status" aria-live="polite" data-testid="announcer">
      {text}
    </div>
  );
}
