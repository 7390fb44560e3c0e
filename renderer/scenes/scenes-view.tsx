import { useMemo, useState, type ReactNode } from 'react';
import Button from '@mui/material/Button';
import TextField from '@mui/material/TextField';
import { formatSceneFile, sceneFileName, type Scene } from '../../electron/contract/index.ts';
import { Confirm } from '../controls/confirm.tsx';
import { RefusalNotice } from '../controls/notice.tsx';
import { saveFile } from '../controls/save-file.ts';
import { useApp, useBusy, useConfig } from '../state/app-context.ts';
import { S } from '../strings.ts';
import { SCENE_TEXT } from '../text/scenes.ts';
import { CurrentScene } from './current-scene.tsx';
import { RecallDialog } from './recall-dialog.tsx';
import { ImportScene } from './import-scene.tsx';
import { hasGone, sceneChanges } from './scene-changes.ts';
import './scenes.css';

const T = S.scenes;
const PLACE = 'form:scene';
const SHOWN = 6;

export function ScenesView(): ReactNode {
  const scenes = useConfig((config) => config.scenes);
  return (
    <div className="view">
      <div className="view-head">
        <h1>{T.title}</h1>
      </div>
      <p className="view-intro">{T.intro}</p>
      <CurrentScene />
      <SaveForm names={scenes.map(({ name }) => name)} />
      {scenes.length === 0 ? (
        <div className="nothing">
          <strong>{T.none}</strong>
          {T.noneHelp}
        </div>
      ) : (
        <div className="cards scenes">
          {scenes.map((scene) => (
            <SceneCard key={scene.name} scene={scene} />
          ))}
        </div>
      )}
    </div>
  );
}

function SaveForm({ names }: { readonly names: readonly string[] }): ReactNode {
  const { commander } = useApp();
  const busy = useBusy(PLACE);
  const [name, setName] = useState('');
  const exists = names.includes(name.trim());
  const save = async (): Promise<void> => {
    if (name.trim() !== '' && (await commander.run(PLACE, { type: 'scene.save', name: name.trim() })))
      setName('');
  };
  return (
    <form
      className="scene-save"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <TextField
        label={T.name}
        value={name}
        onChange={(event) => setName(event.target.value)}
        helperText={exists ? T.exists : undefined}
        slotProps={{ htmlInput: { maxLength: 80, 'data-testid': 'scene-name' } }}
      />
      <Button
        type="submit"
        variant="contained"
        size="medium"
        disabled={name.trim() === ''}
        loading={busy}
        data-testid="scene-save"
      >
        {T.save}
      </Button>
      <ImportScene />
      <RefusalNotice place={PLACE} />
    </form>
  );
}

function SceneCard({ scene }: { readonly scene: Scene }): ReactNode {
  const { commander } = useApp();
  const config = useConfig((now) => now);
  const changes = useMemo(() => sceneChanges(config, scene), [config, scene]);
  const [open, setOpen] = useState<'remove' | 'overwrite' | 'part' | null>(null);
  const place = `scene:${scene.name}`;
  return (
    <article className="card" data-testid={`scene:${scene.name}`} data-changes={changes.length}>
      <div className="card-body">
        <div className="card-title">
          <span>{scene.name}</span>
          <span className={`badge push ${changes.length === 0 ? 'live' : ''}`}>
            {changes.length === 0 ? T.same : T.changes(changes.length)}
          </span>
        </div>
        <div className="card-line">{T.holds(scene.routes.length)}</div>
        {changes.length === 0 ? null : (
          <details className="scene-changes">
            <summary>{T.preview}</summary>
            <ul>
              {changes.slice(0, SHOWN).map((change) => (
                <li key={change}>{change}</li>
              ))}
              {changes.length > SHOWN ? <li>{T.more(changes.length - SHOWN)}</li> : null}
            </ul>
          </details>
        )}
        {hasGone(config, scene) ? <div className="card-line">{T.gone}</div> : null}
        <RefusalNotice place={place} />
        <div className="card-actions">
          <Button
            variant="contained"
            disabled={changes.length === 0}
            onClick={() => void commander.run(place, { type: 'scene.recall', name: scene.name })}
            data-testid={`recall:${scene.name}`}
          >
            {T.recall}
          </Button>
          <Button onClick={() => setOpen('part')} data-testid={`part:${scene.name}`}>
            {SCENE_TEXT.options}
          </Button>
          <Button disabled={changes.length === 0} onClick={() => setOpen('overwrite')}>
            {T.overwrite}
          </Button>
          <Button
            onClick={() =>
              saveFile(new Blob([formatSceneFile(scene)], { type: 'application/json' }), sceneFileName(scene))
            }
            data-testid={`export:${scene.name}`}
          >
            {SCENE_TEXT.exportIt}
          </Button>
          <Button color="error" onClick={() => setOpen('remove')} data-testid={`remove:${scene.name}`}>
            {T.remove}
          </Button>
        </div>
      </div>
      {open === 'part' ? <RecallDialog scene={scene} onClose={() => setOpen(null)} /> : null}
      {open === 'remove' ? (
        <Confirm
          title={T.removeTitle(scene.name)}
          text={T.removeText}
          action={T.remove}
          place={place}
          onConfirm={() => commander.run(place, { type: 'scene.delete', name: scene.name })}
          onClose={() => setOpen(null)}
        />
      ) : null}
      {open === 'overwrite' ? (
        <Confirm
          title={T.overwriteTitle(scene.name)}
          text={T.overwriteText}
          action={T.overwrite}
          danger={false}
          place={place}
          onConfirm={() => commander.run(place, { type: 'scene.save', name: scene.name })}
          onClose={() => setOpen(null)}
        />
      ) : null}
    </article>
  );
}
