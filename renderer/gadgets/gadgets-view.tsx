import { useState, type ReactNode } from 'react';
import Button from '@mui/material/Button';
import Add from '@mui/icons-material/AddOutlined';
import { type FoundGadget } from '../../electron/contract/index.ts';
import { useConfig } from '../state/app-context.ts';
import { S } from '../strings.ts';
import { GadgetCard } from './gadget-card.tsx';
import { GadgetForm, GadgetTokenDialog, type GadgetToken } from './gadget-dialogs.tsx';
import { FoundGadgets } from './found-gadgets.tsx';
import { Programs } from './programs.tsx';
import { SourceTray } from './source-tray.tsx';
import './gadgets.css';

const T = S.gadgetsView;

/** The computers behind the gadgets, as their users see and hear; and the outputs that any player opens. */
export function GadgetsView(): ReactNode {
  const gadgets = useConfig((config) => config.gadgets);
  const [adding, setAdding] = useState(false);
  const [adopted, setAdopted] = useState<FoundGadget | null>(null);
  const [made, setMade] = useState<GadgetToken | null>(null);
  return (
    <div className="view">
      <section>
        <div className="view-head">
          <h1>{T.title}</h1>
          <Button
            variant="contained"
            startIcon={<Add />}
            onClick={() => setAdding(true)}
            data-testid="add-gadget"
          >
            {T.add}
          </Button>
        </div>
        <p className="view-intro">{T.intro}</p>
        {gadgets.length === 0 ? (
          <div className="nothing">
            <strong>{T.none}</strong>
            {T.noneHelp}
          </div>
        ) : (
          <>
            <SourceTray />
            <div className="cards gadgets">
              {gadgets.map((gadget) => (
                <GadgetCard key={gadget.id} gadget={gadget} />
              ))}
            </div>
          </>
        )}
      </section>
      <FoundGadgets
        onAdopt={(found) => {
          setAdopted(found);
          setAdding(true);
        }}
      />
      <Programs />
      {adding ? (
        <GadgetForm
          gadget={null}
          found={adopted}
          onDone={setMade}
          onClose={() => {
            setAdding(false);
            setAdopted(null);
          }}
        />
      ) : null}
      {made ? <GadgetTokenDialog made={made} onClose={() => setMade(null)} /> : null}
    </div>
  );
}
