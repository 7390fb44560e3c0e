import { type ReactNode } from 'react';
import { useShallow } from 'zustand/react/shallow';
import Button from '@mui/material/Button';
import { RefusalNotice } from '../controls/notice.tsx';
import { LivePicture } from '../pictures/live-picture.tsx';
import { useApp, useDocument, useUi } from '../state/app-context.ts';
import { prefer } from '../state/ui-store.ts';
import { S } from '../strings.ts';
import { GUIDE_TEXT as T } from '../text/desk.ts';
import './guide.css';

const PLACE = 'form:guide';
const STEPS = ['camera', 'gadget', 'connect', 'route', 'picture'] as const;
type Step = (typeof STEPS)[number];

/** How far somebody is who has just begun; each step is done when the document says so, not when it was clicked. */
function useProgress() {
  return useDocument(
    useShallow(({ config, status }) => {
      const camera = config.sources.find(({ media }) => media === 'video');
      const webcams = config.destinations.filter(({ kind }) => kind === 'webcam');
      const linked = webcams.find(({ id }) => status.devices[id]?.state === 'online');
      const live = config.routes.find(
        ({ source, destination }) =>
          webcams.some(({ id }) => id === destination) &&
          status.cells[`${source}|${destination}`]?.state === 'live',
      );
      return {
        camera: camera?.id,
        webcam: (linked ?? webcams[0])?.id,
        connect: linked !== undefined,
        route: config.routes.some(({ destination }) => webcams.some(({ id }) => id === destination)),
        live: live?.destination,
        // More than a first camera and a first gadget: somebody knows the way.
        known: webcams.length > 2 || config.routes.length > 2,
      };
    }),
  );
}

/** The way to the first picture on a first gadget. Hidden for good when it was finished or sent away. */
export function Guide(): ReactNode {
  const { ui, commander } = useApp();
  const done = useUi(({ preferences }) => preferences.guideDone);
  const at = useProgress();
  const demo = useDocument(({ status }) => status.demo);
  // Who has a rig that works needs no guide.
  if (done || demo || at.known) return null;
  const isDone: Record<Step, boolean> = {
    camera: at.camera !== undefined,
    gadget: at.webcam !== undefined,
    connect: at.connect,
    route: at.route,
    picture: at.live !== undefined,
  };
  const next = STEPS.find((step) => !isDone[step]);
  const hide = (): void => prefer(ui, { guideDone: true });
  const action = (step: Step): ReactNode => {
    switch (step) {
      case 'camera':
        return (
          <Button variant="contained" href="#/cameras">
            {T.steps.camera.action}
          </Button>
        );
      case 'gadget':
        return (
          <Button variant="contained" href="#/gadgets">
            {T.steps.gadget.action}
          </Button>
        );
      case 'connect':
        return (
          <Button variant="outlined" href="#/gadgets">
            {T.steps.connect.action}
          </Button>
        );
      case 'route':
        return (
          <Button
            variant="contained"
            data-testid="guide-route"
            onClick={() =>
              at.camera !== undefined &&
              at.webcam !== undefined &&
              void commander.run(PLACE, { type: 'route', source: at.camera, destination: at.webcam })
            }
          >
            {T.steps.route.action}
          </Button>
        );
      case 'picture':
        return null;
    }
  };
  const shown = next ?? 'picture';
  return (
    <section className="guide" aria-label={T.title} data-testid="guide" data-step={next ?? 'finished'}>
      <ol className="guide-steps">
        {STEPS.map((step, index) => (
          <li
            key={step}
            className={isDone[step] ? 'done' : step === next ? 'next' : ''}
            aria-current={step === next ? 'step' : undefined}
            title={T.steps[step].title}
          >
            <span aria-hidden>{isDone[step] ? '✓' : index + 1}</span>
            <span className="sr-only">
              {T.steps[step].title}
              {isDone[step] ? ` (${T.done})` : ''}
            </span>
          </li>
        ))}
      </ol>
      <div className="guide-text" role="status">
        <strong>{next === undefined ? T.finished : T.steps[shown].title}</strong>
        <span>{T.steps[shown].text}</span>
      </div>
      {at.live === undefined ? null : (
        <div className="guide-picture">
          <LivePicture id={at.live} name={S.kinds.webcam} />
        </div>
      )}
      {next === undefined ? null : action(next)}
      <Button onClick={hide} variant={next === undefined ? 'contained' : 'text'} data-testid="guide-close">
        {next === undefined ? T.finish : T.close}
      </Button>
      <RefusalNotice place={PLACE} />
    </section>
  );
}
