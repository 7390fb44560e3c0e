import { useMemo, type ReactNode } from 'react';
import Button from '@mui/material/Button';
import useMediaQuery from '@mui/material/useMediaQuery';
import { Guide } from '../app/guide.tsx';
import { Empty } from '../app/empty.tsx';
import { QuickMutes } from '../desk/quick-mutes.tsx';
import { Strip } from '../desk/strip.tsx';
import { useApp, useConfig, useUi } from '../state/app-context.ts';
import { prefer } from '../state/ui-store.ts';
import { S } from '../strings.ts';
import { Grid } from './grid.tsx';
import { TakeBar } from './take-bar.tsx';
import { Toolbar } from './toolbar.tsx';
import { useMatrixAxes } from './use-matrix-model.ts';
import './matrix-view.css';

export function MatrixView(): ReactNode {
  const { ui } = useApp();
  const axes = useMatrixAxes();
  const nothing = useConfig((config) => config.sources.length + config.destinations.length === 0);
  const noSources = useConfig((config) => config.sources.length === 0);
  const noDestinations = useConfig((config) => config.destinations.length === 0);
  const stripShown = useUi((state) => state.preferences.stripShown);
  const phone = useMediaQuery('(max-width: 640px)');
  const groups = useMemo(
    () => [...new Set([...axes.rows, ...axes.columns].map(({ group }) => group.key))],
    [axes],
  );
  if (nothing) return <Empty />;
  const empty = axes.rows.length === 0 || axes.columns.length === 0;
  return (
    <div className="matrix-view">
      <h1 className="sr-only">{S.matrix.label}</h1>
      <Guide />
      {stripShown ? <Strip /> : null}
      {phone ? <QuickMutes /> : null}
      <Toolbar groups={groups} />
      <TakeBar />
      {empty ? (
        <div className="matrix-nothing">
          {noSources || noDestinations ? (
            <>
              <p>{noSources ? S.matrix.noSources : S.matrix.noDestinations}</p>
              <Button href={noSources ? '#/cameras' : '#/gadgets'} variant="contained">
                {noSources ? S.empty.addCamera : S.empty.addGadget}
              </Button>
            </>
          ) : (
            <>
              <p>{S.matrix.nothing}</p>
              <Button
                variant="outlined"
                onClick={() => {
                  ui.setState({
                    sourceText: '',
                    destinationText: '',
                    sourceKinds: [],
                    destinationKinds: [],
                    states: 'all',
                  });
                  prefer(ui, { media: 'all' });
                }}
              >
                {S.matrix.showAll}
              </Button>
            </>
          )}
        </div>
      ) : (
        <Grid axes={axes} />
      )}
    </div>
  );
}
