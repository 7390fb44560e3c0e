import { useMemo, useState, type ReactNode } from 'react';
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import Slider from '@mui/material/Slider';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import { type Scene } from '../../electron/contract/index.ts';
import { RefusalNotice } from '../controls/notice.tsx';
import { useApp, useConfig } from '../state/app-context.ts';
import { S } from '../strings.ts';
import { SCENE_TEXT as T } from '../text/scenes.ts';
import { sceneChanges, type Part } from './scene-changes.ts';

type Medium = keyof typeof T.media;
const MEDIA = ['all', 'video', 'audio'] as const satisfies readonly Medium[];

/** Recall of a part, or with a fade, with a list of what will change. */
export function RecallDialog({
  scene,
  onClose,
}: {
  readonly scene: Scene;
  readonly onClose: () => void;
}): ReactNode {
  const { commander } = useApp();
  const config = useConfig((now) => now);
  const [medium, setMedium] = useState<Medium>('all');
  const [chosen, setChosen] = useState<readonly string[] | null>(null);
  const [fadeS, setFadeS] = useState(0);
  const media = medium === 'all' ? undefined : medium;
  const fitting = config.destinations.filter((one) => media === undefined || one.media === media);
  const destinations = chosen?.filter((id) => fitting.some((one) => one.id === id));
  const changes = useMemo(() => {
    const part: Part = { media, destinations };
    return sceneChanges(config, scene, part);
  }, [config, scene, media, destinations]);
  const place = `scene:${scene.name}`;
  const recall = async (): Promise<void> => {
    const answer = await commander.run(place, {
      type: 'scene.recall',
      name: scene.name,
      fadeS,
      ...(media === undefined ? {} : { media }),
      ...(destinations === undefined ? {} : { destinations }),
    });
    if (answer) onClose();
  };
  return (
    <Dialog open onClose={onClose} maxWidth="sm" aria-labelledby="recall-title">
      <DialogTitle id="recall-title">{T.optionsTitle(scene.name)}</DialogTitle>
      <DialogContent>
        <div className="form">
          <ToggleButtonGroup
            exclusive
            size="small"
            value={medium}
            aria-label={T.what}
            onChange={(_event, next: Medium | null) => next !== null && setMedium(next)}
          >
            {MEDIA.map((name) => (
              <ToggleButton key={name} value={name} data-testid={`recall-media:${name}`}>
                {T.media[name]}
              </ToggleButton>
            ))}
          </ToggleButtonGroup>
          <fieldset className="group-members">
            <legend>
              <label>
                <input
                  type="checkbox"
                  checked={chosen === null}
                  data-testid="recall-all"
                  onChange={({ target }) => setChosen(target.checked ? null : fitting.map(({ id }) => id))}
                />
                {T.whereAll}
              </label>
            </legend>
            {fitting.map((one) => (
              <label key={one.id}>
                <input
                  type="checkbox"
                  checked={chosen === null || chosen.includes(one.id)}
                  disabled={chosen === null || one.locked || one.safe}
                  data-testid={`recall-part:${one.id}`}
                  onChange={({ target }) =>
                    setChosen((now) =>
                      target.checked ? [...(now ?? []), one.id] : (now ?? []).filter((id) => id !== one.id),
                    )
                  }
                />
                {one.label} · {S.kinds[one.kind]}
                {one.locked ? ` (${T.locked})` : one.safe ? ` (${T.safe})` : ''}
              </label>
            ))}
          </fieldset>
          <div className="cell-details-help">{T.keeps}</div>
          <div>
            <div className="form-label">{T.fade(fadeS)}</div>
            <Slider
              size="small"
              aria-label={T.fade(fadeS)}
              min={0}
              max={10}
              step={0.5}
              value={fadeS}
              onChange={(_event, value) => setFadeS(value)}
              data-testid="fade"
            />
          </div>
          <div data-testid="recall-preview">
            <strong>{T.preview}</strong>
            {changes.length === 0 ? <div>{T.nothing}</div> : null}
            <ul className="recall-changes">
              {changes.map((change) => (
                <li key={change}>{change}</li>
              ))}
            </ul>
          </div>
          <RefusalNotice place={place} />
        </div>
      </DialogContent>
      <DialogActions>
        <Button onClick={onClose}>{S.camerasView.cancel}</Button>
        <Button
          variant="contained"
          disabled={changes.length === 0 || destinations?.length === 0}
          onClick={() => void recall()}
          data-testid="recall-begin"
        >
          {T.recall}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
