import { useMemo, type ReactNode } from 'react';
import { useShallow } from 'zustand/react/shallow';
import Button from '@mui/material/Button';
import MenuItem from '@mui/material/MenuItem';
import Slider from '@mui/material/Slider';
import Switch from '@mui/material/Switch';
import TextField from '@mui/material/TextField';
import { CORNERS, LAYOUTS, type CameraControl, type FoundCamera } from '../../electron/contract/index.ts';
import { Notice } from '../controls/notice.tsx';
import { LivePicture } from '../pictures/live-picture.tsx';
import { useConfig, useDocument } from '../state/app-context.ts';
import { findSource } from '../state/selectors.ts';
import { EMPTY_SHOWN } from '../controls/empty-shown.ts';
import { S } from '../strings.ts';
import { CAMERA_TEXT as T } from '../text/cameras.ts';
import { type CameraDraft, type ScreenPart } from './camera-draft.ts';

export interface FieldsProps {
  readonly draft: CameraDraft;
  readonly change: (part: Partial<CameraDraft>) => void;
  /** A text field of the form, with its error. */
  readonly field: (name: keyof CameraDraft, label: string, help?: string, issue?: string) => ReactNode;
}

const keyOf = ({ pixelFormat, width, height }: FoundCamera['formats'][number]): string =>
  `${pixelFormat} ${width}x${height}`;

/** A USB camera: which of those that are plugged in, and in which of its formats. */
export function UsbFields({
  draft,
  change,
  field,
  onControls,
}: FieldsProps & {
  /** Controls of a camera that exists act at once. */
  readonly onControls: ((controls: Readonly<Record<string, number>>) => void) | null;
}): ReactNode {
  const cameras = useDocument(({ status }) => status.found.cameras);
  const found = cameras.find(({ device }) => device === draft.device);
  const format = found?.formats.find(
    (candidate) => keyOf(candidate) === `${draft.pixelFormat} ${draft.width}x${draft.height}`,
  );
  return (
    <>
      <TextField
        select
        label={T.found}
        value={found ? found.device : ''}
        helperText={cameras.length === 0 ? T.none : T.foundHelp}
        onChange={({ target }) => {
          const camera = cameras.find(({ device }) => device === target.value);
          change({
            device: target.value,
            pixelFormat: '',
            width: '',
            height: '',
            fps: '',
            controls: {},
            ...(draft.name === '' && camera ? { name: camera.label.slice(0, 80) } : {}),
          });
        }}
        slotProps={{ ...EMPTY_SHOWN, htmlInput: { 'data-testid': 'camera-found' } }}
      >
        {cameras.map(({ device, label }) => (
          <MenuItem key={device} value={device}>
            {label}
          </MenuItem>
        ))}
        <MenuItem value="">{T.other}</MenuItem>
      </TextField>
      {found ? null : field('device', S.camerasView.device, S.camerasView.deviceHelp)}
      {found?.reason === undefined ? null : <Notice kind="warning" role="note" message={found.reason} />}
      {found && found.formats.length > 0 ? (
        <div className="form-pair two">
          <TextField
            select
            label={T.format}
            value={format ? keyOf(format) : ''}
            onChange={({ target }) => {
              const chosen = found.formats.find((candidate) => keyOf(candidate) === target.value);
              change(
                chosen
                  ? {
                      pixelFormat: chosen.pixelFormat,
                      width: String(chosen.width),
                      height: String(chosen.height),
                      fps: '',
                    }
                  : { pixelFormat: '', width: '', height: '', fps: '' },
              );
            }}
            slotProps={{ ...EMPTY_SHOWN, htmlInput: { 'data-testid': 'camera-format' } }}
          >
            <MenuItem value="">{T.automatic}</MenuItem>
            {found.formats.map((candidate) => (
              <MenuItem key={keyOf(candidate)} value={keyOf(candidate)}>
                {T.formatName(candidate.pixelFormat, candidate.width, candidate.height)}
              </MenuItem>
            ))}
          </TextField>
          <TextField
            select
            label={T.rate}
            value={format?.fps.includes(Number(draft.fps)) === true ? draft.fps : ''}
            disabled={!format}
            onChange={({ target }) => change({ fps: target.value })}
          >
            <MenuItem value="">{S.camerasView.optional}</MenuItem>
            {(format?.fps ?? []).map((fps) => (
              <MenuItem key={fps} value={String(fps)}>
                {T.rateName(fps)}
              </MenuItem>
            ))}
          </TextField>
        </div>
      ) : (
        <div className="form-pair">
          {field('width', S.camerasView.width, S.camerasView.optional)}
          {field('height', S.camerasView.height, S.camerasView.optional)}
          {field('fps', S.camerasView.fps, S.camerasView.optional)}
        </div>
      )}
      {found && found.controls.length > 0 ? (
        <Controls
          controls={found.controls}
          values={draft.controls}
          onChange={(controls) => {
            change({ controls });
            onControls?.(controls);
          }}
        />
      ) : null}
    </>
  );
}

function Controls({
  controls,
  values,
  onChange,
}: {
  readonly controls: readonly CameraControl[];
  readonly values: Readonly<Record<string, number>>;
  readonly onChange: (values: Readonly<Record<string, number>>) => void;
}): ReactNode {
  return (
    <fieldset className="camera-controls">
      <legend>{T.controls}</legend>
      <p>{T.controlsHelp}</p>
      {controls.map((control) => (
        <Control
          key={control.name}
          control={control}
          value={values[control.name] ?? control.value}
          onChange={(value) => onChange({ ...values, [control.name]: value })}
        />
      ))}
      <Button
        onClick={() => onChange(Object.fromEntries(controls.map(({ name, default: own }) => [name, own])))}
      >
        {T.controlsDefault}
      </Button>
    </fieldset>
  );
}

function Control({
  control,
  value,
  onChange,
}: {
  readonly control: CameraControl;
  readonly value: number;
  readonly onChange: (value: number) => void;
}): ReactNode {
  const { name, label, kind, min, max, step, inactive, menu } = control;
  const id = `control-${name}`;
  return (
    <div className="camera-control" title={inactive ? T.inactive : undefined}>
      <label htmlFor={id}>{label}</label>
      {kind === 'boolean' ? (
        <Switch
          id={id}
          checked={value !== 0}
          disabled={inactive}
          onChange={(_event, on) => onChange(on ? 1 : 0)}
        />
      ) : kind === 'menu' ? (
        <select
          id={id}
          value={value}
          disabled={inactive}
          onChange={({ target }) => onChange(Number(target.value))}
        >
          {(menu ?? []).map((item) => (
            <option key={item.value} value={item.value}>
              {item.label}
            </option>
          ))}
        </select>
      ) : (
        <>
          <Slider
            aria-label={label}
            size="small"
            value={value}
            min={min}
            max={max}
            step={step}
            disabled={inactive}
            onChange={(_event, next) => onChange(next)}
            data-testid={id}
          />
          <output>{value}</output>
        </>
      )}
    </div>
  );
}

const PARTS = ['all', 'region', 'window'] as const satisfies readonly ScreenPart[];

export function ScreenFields({ draft, change, field }: FieldsProps): ReactNode {
  return (
    <>
      {field('display', S.camerasView.display, S.camerasView.displayHelp)}
      <TextField
        select
        label={T.part}
        value={draft.part}
        onChange={({ target }) => change({ part: target.value as ScreenPart })}
        slotProps={{ htmlInput: { 'data-testid': 'screen-part' } }}
      >
        {PARTS.map((part) => (
          <MenuItem key={part} value={part}>
            {T.parts[part]}
          </MenuItem>
        ))}
      </TextField>
      {draft.part === 'window' ? field('window', T.window, T.windowHelp) : null}
      {draft.part === 'region' ? (
        <div className="form-pair four">
          {field('x', T.x, undefined, 'region')}
          {field('y', T.y)}
          {field('regionWidth', T.width)}
          {field('regionHeight', T.height)}
        </div>
      ) : null}
    </>
  );
}

/** Two sources in one picture, with a preview that is made of their live pictures. */
export function ComposedFields({
  draft,
  change,
  own,
}: FieldsProps & { readonly own: string | null }): ReactNode {
  const sources = useConfig((config) => config.sources);
  const fitting = useMemo(
    () =>
      sources.filter(
        (source) =>
          source.media === 'video' &&
          source.id !== own &&
          !(source.kind === 'camera' && source.camera.kind === 'composed'),
      ),
    [own, sources],
  );
  const beside = draft.layout === 'side-by-side';
  const picker = (name: 'main' | 'inset', label: string): ReactNode => (
    <TextField
      select
      label={label}
      value={fitting.some(({ id }) => id === draft[name]) ? draft[name] : ''}
      onChange={({ target }) => change({ [name]: target.value })}
      slotProps={{ htmlInput: { 'data-testid': `composed-${name}` } }}
    >
      {fitting.map(({ id, label: text }) => (
        <MenuItem key={id} value={id}>
          {text}
        </MenuItem>
      ))}
    </TextField>
  );
  if (fitting.length < 2) return <Notice kind="info" role="note" message={T.tooFew} />;
  return (
    <>
      <TextField
        select
        label={T.layout}
        value={draft.layout}
        onChange={({ target }) => change({ layout: target.value as CameraDraft['layout'] })}
        slotProps={{ htmlInput: { 'data-testid': 'composed-layout' } }}
      >
        {LAYOUTS.map((layout) => (
          <MenuItem key={layout} value={layout}>
            {T.layouts[layout]}
          </MenuItem>
        ))}
      </TextField>
      <div className="form-pair two">
        {picker('main', beside ? T.left : T.main)}
        {picker('inset', beside ? T.right : T.inset)}
      </div>
      {beside ? null : (
        <div className="form-pair two">
          <TextField
            select
            label={T.corner}
            value={draft.corner}
            onChange={({ target }) => change({ corner: target.value as CameraDraft['corner'] })}
          >
            {CORNERS.map((corner) => (
              <MenuItem key={corner} value={corner}>
                {T.corners[corner]}
              </MenuItem>
            ))}
          </TextField>
          <div>
            <div className="form-label">{T.size(Math.round(draft.size * 100))}</div>
            <Slider
              aria-label={T.size(Math.round(draft.size * 100))}
              size="small"
              min={0.1}
              max={0.5}
              step={0.01}
              value={draft.size}
              onChange={(_event, size) => change({ size })}
            />
          </div>
        </div>
      )}
      <Layout draft={draft} />
    </>
  );
}

function Layout({ draft }: { readonly draft: CameraDraft }): ReactNode {
  const { layout, corner, size } = draft;
  const [main, inset] = useConfig(
    useShallow((config) => [findSource(config, draft.main), findSource(config, draft.inset)] as const),
  );
  const small = layout === 'side-by-side' ? {} : { width: `${size * 100}%` };
  return (
    <figure className="composed-preview">
      <div className={`composed ${layout} ${corner}`} data-testid="composed-preview">
        <div className="composed-main">
          {main ? <LivePicture id={main.id} name={main.label} /> : <span>{T.main}</span>}
        </div>
        <div className="composed-inset" style={small}>
          {inset ? <LivePicture id={inset.id} name={inset.label} /> : <span>{T.inset}</span>}
        </div>
      </div>
      <figcaption>{T.preview}</figcaption>
    </figure>
  );
}
