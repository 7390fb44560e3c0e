import { useState, type ReactNode } from 'react';
import { useShallow } from 'zustand/react/shallow';
import Button from '@mui/material/Button';
import Add from '@mui/icons-material/AddOutlined';
import Stream from '@mui/icons-material/SensorsOutlined';
import { Strip } from '../desk/strip.tsx';
import { useConfig, useUi } from '../state/app-context.ts';
import { S } from '../strings.ts';
import { CameraCard } from './camera-card.tsx';
import { type VideoSource } from './video-source.ts';
import { CameraForm } from './camera-form.tsx';
import { IngestForm, IngestKeyDialog, type IngestKey } from './ingest-dialogs.tsx';
import './cameras.css';

const T = S.camerasView;

/** Everything with a picture: live, with what there is to change about it. Drag one onto the webcams that then appear. */
export function CamerasView(): ReactNode {
  const sources = useConfig(
    useShallow((config) =>
      config.sources.filter((source): source is VideoSource => source.media === 'video'),
    ),
  );
  const [adding, setAdding] = useState<'camera' | 'ingest' | null>(null);
  const [made, setMade] = useState<IngestKey | null>(null);
  const carrying = useUi((ui) => ui.drag !== null);
  return (
    <div className="view">
      <div className="view-head">
        <h1>{T.title}</h1>
        <Button
          variant="outlined"
          startIcon={<Stream />}
          onClick={() => setAdding('ingest')}
          data-testid="add-ingest"
        >
          {T.addIngest}
        </Button>
        <Button
          variant="contained"
          startIcon={<Add />}
          onClick={() => setAdding('camera')}
          data-testid="add-camera"
        >
          {T.add}
        </Button>
      </div>
      {sources.length === 0 ? (
        <div className="nothing">
          <strong>{T.none}</strong>
          {T.noneHelp}
        </div>
      ) : (
        <div className="cards">
          {sources.map((source) => (
            <CameraCard key={source.id} source={source} />
          ))}
        </div>
      )}
      {carrying ? (
        <div className="dock">
          <Strip />
        </div>
      ) : null}
      {adding === 'camera' ? <CameraForm camera={null} onClose={() => setAdding(null)} /> : null}
      {adding === 'ingest' ? (
        <IngestForm
          onClose={() => setAdding(null)}
          onDone={(key) => {
            setAdding(null);
            setMade(key);
          }}
        />
      ) : null}
      {made ? <IngestKeyDialog made={made} onClose={() => setMade(null)} /> : null}
    </div>
  );
}
