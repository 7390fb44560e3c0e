import { useMemo, type ReactNode } from 'react';
import Button from '@mui/material/Button';
import { RefusalNotice } from '../controls/notice.tsx';
import { useApp, useConfig, useDocument } from '../state/app-context.ts';
import { SCENE_TEXT as T } from '../text/scenes.ts';
import { sceneChanges } from './scene-changes.ts';

const PLACE = 'form:current-scene';

/** The scene that was recalled or saved last, whether it was changed since, and the ways on and back. */
export function CurrentScene(): ReactNode {
  const { commander } = useApp();
  const current = useDocument(({ status }) => status.scene);
  const config = useConfig((now) => now);
  const scene = config.scenes.find(({ name }) => name === current?.name);
  const dirty = useMemo(() => scene !== undefined && sceneChanges(config, scene).length > 0, [config, scene]);
  if (!current || !scene) return null;
  const fading = current.fadingMs !== undefined;
  return (
    <div className="current-scene" data-testid="current-scene" data-dirty={dirty}>
      <strong>
        {T.now(scene.name)}
        {dirty && !fading ? ' *' : ''}
      </strong>
      <span className={`badge ${fading ? 'weak' : dirty ? 'weak' : 'live'}`}>
        {fading ? T.fading : dirty ? T.changed : T.unchanged}
      </span>
      <Button
        disabled={!dirty || fading}
        variant="outlined"
        onClick={() => void commander.run(PLACE, { type: 'scene.save', name: scene.name })}
        data-testid="scene-save-here"
      >
        {T.saveHere}
      </Button>
      <Button
        disabled={!dirty || fading}
        title={T.revertHelp}
        onClick={() => void commander.run(PLACE, { type: 'scene.recall', name: scene.name })}
        data-testid="scene-revert"
      >
        {T.revert}
      </Button>
      <RefusalNotice place={PLACE} />
    </div>
  );
}
