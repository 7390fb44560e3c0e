import { useMemo, useState, type ReactNode } from 'react';
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import FormControlLabel from '@mui/material/FormControlLabel';
import Slider from '@mui/material/Slider';
import Switch from '@mui/material/Switch';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import { type PictureSettings } from '../../electron/contract/index.ts';
import { RefusalNotice } from '../controls/notice.tsx';
import { LivePicture } from '../pictures/live-picture.tsx';
import { useApp } from '../state/app-context.ts';
import { LatestSender } from '../state/latest-sender.ts';
import { S } from '../strings.ts';
import { PICTURE_TEXT as T } from '../text/cameras.ts';
import { type VideoSource } from './video-source.ts';

const TURNS = [0, 90, 180, 270] as const;
/** What must be left of a picture, of its width and height. */
const LEAST = 0.05;

/** How much is cut off at each edge, in fractions. */
interface Cuts {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}
const EDGES = ['left', 'right', 'top', 'bottom'] as const;
const OPPOSITE = { left: 'right', right: 'left', top: 'bottom', bottom: 'top' } as const;

const rounded = (value: number): number => Math.round(value * 1000) / 1000;

export const cutsOf = (crop: PictureSettings['crop']): Cuts =>
  crop
    ? {
        left: rounded(crop.x),
        right: rounded(1 - crop.x - crop.width),
        top: rounded(crop.y),
        bottom: rounded(1 - crop.y - crop.height),
      }
    : { left: 0, right: 0, top: 0, bottom: 0 };

export const cropOf = ({ left, right, top, bottom }: Cuts): PictureSettings['crop'] =>
  left + right + top + bottom === 0
    ? null
    : { x: left, y: top, width: rounded(1 - left - right), height: rounded(1 - top - bottom) };

/** Crop, turn, mirror and blur a source, with its live picture beside. */
export function PictureDialog({
  source,
  onClose,
}: {
  readonly source: VideoSource;
  readonly onClose: () => void;
}): ReactNode {
  const { commander } = useApp();
  const place = `picture:${source.id}`;
  const { picture } = source;
  const [hand, setHand] = useState<Cuts | null>(null);
  const crops = useMemo(
    () =>
      new LatestSender<Cuts>(
        (cuts) =>
          commander.run(place, {
            type: 'channel.update',
            id: source.id,
            picture: { crop: cropOf(cuts) },
          }),
        () => setHand(null),
        120,
      ),
    [commander, place, source.id],
  );
  const cuts = hand ?? cutsOf(picture.crop);
  const update = (change: Partial<PictureSettings>): void =>
    void commander.run(place, { type: 'channel.update', id: source.id, picture: change });
  const cut = (edge: (typeof EDGES)[number], value: number): void => {
    const next = { ...cuts, [edge]: Math.min(value, rounded(1 - LEAST - cuts[OPPOSITE[edge]])) };
    setHand(next);
    crops.push(next);
  };
  return (
    <Dialog open onClose={onClose} maxWidth="md" aria-labelledby="picture-title">
      <DialogTitle id="picture-title">{T.title(source.label)}</DialogTitle>
      <DialogContent>
        <div className="picture-settings">
          <div className="picture-live">
            <LivePicture id={source.id} name={source.label} />
          </div>
          <div className="form">
            <div className="cell-details-help">{T.help}</div>
            <div>
              <div className="form-label">{T.rotate}</div>
              <ToggleButtonGroup
                exclusive
                size="small"
                value={picture.rotate}
                aria-label={T.rotate}
                onChange={(_event, rotate: (typeof TURNS)[number] | null) =>
                  rotate !== null && update({ rotate })
                }
              >
                {TURNS.map((turn) => (
                  <ToggleButton key={turn} value={turn} data-testid={`rotate:${turn}`}>
                    {T.degrees(turn)}
                  </ToggleButton>
                ))}
              </ToggleButtonGroup>
            </div>
            <FormControlLabel
              control={
                <Switch
                  checked={picture.mirror}
                  onChange={(_event, mirror) => update({ mirror })}
                  slotProps={{ input: { 'data-testid': 'mirror' } as object }}
                />
              }
              label={T.mirror}
            />
            <FormControlLabel
              control={
                <Switch
                  checked={picture.blur}
                  onChange={(_event, blur) => update({ blur })}
                  slotProps={{ input: { 'data-testid': 'blur' } as object }}
                />
              }
              label={T.blur}
            />
            <div>
              <div className="form-label">{T.crop}</div>
              {EDGES.map((edge) => (
                <div key={edge} className="crop-edge">
                  <span>{T[edge](Math.round(cuts[edge] * 100))}</span>
                  <Slider
                    aria-label={T[edge](Math.round(cuts[edge] * 100))}
                    size="small"
                    min={0}
                    max={0.9}
                    step={0.01}
                    value={cuts[edge]}
                    onChange={(_event, value) => cut(edge, value)}
                    data-testid={`crop:${edge}`}
                  />
                </div>
              ))}
            </div>
            {source.kind === 'ingest' ? (
              <FormControlLabel
                control={
                  <Switch
                    checked={source.takeOver}
                    onChange={(_event, takeOver) =>
                      void commander.run(place, { type: 'ingest.update', id: source.id, takeOver })
                    }
                  />
                }
                label={T.takeOver}
              />
            ) : null}
            <RefusalNotice place={place} />
          </div>
        </div>
      </DialogContent>
      <DialogActions>
        <Button onClick={() => update({ crop: null, rotate: 0, mirror: false, blur: false })}>
          {T.reset}
        </Button>
        <Button variant="contained" onClick={onClose}>
          {S.camerasView.close}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
