import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import CssBaseline from '@mui/material/CssBaseline';
import { ThemeProvider } from '@mui/material/styles';
import { makeClient } from './api/make-client.ts';
import { Root } from './app/app.tsx';
import { browserClock, LevelHub } from './meters/level-hub.ts';
import { browserDecode, PictureHub } from './pictures/picture-hub.ts';
import { AppContext, type App } from './state/app-context.ts';
import { Commander } from './state/command-store.ts';
import { createEventStore } from './state/event-store.ts';
import { startFeed } from './state/feed.ts';
import { HoldKeys } from './state/hold-keys.ts';
import { LogHub } from './state/log-hub.ts';
import { createServerStore } from './state/server-store.ts';
import { createUiStore } from './state/ui-store.ts';
import { WatchRegistry } from './state/watch-registry.ts';
import { MODE_KEY, theme } from './theme/theme.ts';
import './theme/tokens.css';

const client = makeClient(window);
const commander = new Commander(client);
const app: App = {
  client,
  server: createServerStore(),
  ui: createUiStore(window.localStorage),
  commander,
  levels: new LevelHub(browserClock),
  pictures: new PictureHub(browserDecode),
  watching: new WatchRegistry(client),
  holds: new HoldKeys(commander),
  events: createEventStore(),
  logs: new LogHub(),
};
startFeed(client, app);

const element = document.getElementById('root');
if (!element) throw new Error('index.html has no #root');
createRoot(element).render(
  <StrictMode>
    <ThemeProvider theme={theme} defaultMode="system" modeStorageKey={MODE_KEY} noSsr>
      <CssBaseline />
      <AppContext value={app}>
        <Root />
      </AppContext>
    </ThemeProvider>
  </StrictMode>,
);
