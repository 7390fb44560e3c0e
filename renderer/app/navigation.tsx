import { type ReactNode } from 'react';
import Cameras from '@mui/icons-material/VideocamOutlined';
import Gadgets from '@mui/icons-material/DevicesOutlined';
import Log from '@mui/icons-material/HistoryOutlined';
import Matrix from '@mui/icons-material/GridOnOutlined';
import Mixer from '@mui/icons-material/TuneOutlined';
import Scenes from '@mui/icons-material/BookmarksOutlined';
import Settings from '@mui/icons-material/SettingsOutlined';
import { S } from '../strings.ts';
import { VIEWS, type View } from './use-route.ts';

const ICONS = {
  matrix: Matrix,
  cameras: Cameras,
  gadgets: Gadgets,
  mixer: Mixer,
  scenes: Scenes,
  log: Log,
  settings: Settings,
} satisfies Record<View, unknown>;

/** The views: a rail at the left, on a phone a bar at the bottom. */
export function Navigation({ view }: { readonly view: View }): ReactNode {
  return (
    <nav className="rail" aria-label={S.views.navigation}>
      {VIEWS.map((name) => {
        const Icon = ICONS[name];
        return (
          <a
            key={name}
            href={`#/${name}`}
            aria-current={name === view ? 'page' : undefined}
            data-testid={`nav:${name}`}
          >
            <Icon aria-hidden sx={{ fontSize: 22 }} />
            <span>{S.views[name]}</span>
          </a>
        );
      })}
    </nav>
  );
}
