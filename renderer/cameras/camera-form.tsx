import { useMemo, useState, type ReactNode } from 'react';
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import { PATTERNS, type CommandInput, type Source } from '../../electron/contract/index.ts';
import { RefusalNotice } from '../controls/notice.tsx';
import { useApp, useBusy } from '../state/app-context.ts';
import { LatestSender } from '../state/latest-sender.ts';
import { S } from '../strings.ts';
import { ComposedFields, ScreenFields, UsbFields } from './camera-fields.tsx';
import { CAMERA_KINDS, checkDraft, draftOf, EMPTY_DRAFT, type CameraDraft } from './camera-draft.ts';

const PLACE = 'form:camera';
const T = S.camerasView;

/** Add a camera, or change the settings of one: its id and its routes stay. */
export function CameraForm({
  camera,
  onClose,
}: {
  readonly camera: Extract<Source, { kind: 'camera' }> | null;
  readonly onClose: () => void;
}): ReactNode {
  const { commander } = useApp();
  const busy = useBusy(PLACE);
  const [draft, setDraft] = useState<CameraDraft>(() =>
    camera ? draftOf(camera.label, camera.camera) : EMPTY_DRAFT,
  );
  const [tried, setTried] = useState(false);
  const checked = checkDraft(draft);
  const change = (part: Partial<CameraDraft>): void => setDraft((now) => ({ ...now, ...part }));
  const close = (): void => {
    commander.dismiss(PLACE);
    onClose();
  };
  /** The newest values of a slider under the hand: one on its way at a time. */
  const controls = useMemo(
    () =>
      new LatestSender<Readonly<Record<string, number>>>(async (values) => {
        if (camera?.camera.kind === 'v4l2')
          await commander.run(PLACE, {
            type: 'camera.update',
            id: camera.id,
            ...camera.camera,
            controls: values,
          });
      }),
    [camera, commander],
  );
  const sendControls = (values: Readonly<Record<string, number>>): void => controls.push(values);
  const submit = async (): Promise<void> => {
    setTried(true);
    if (checked.field !== null || (!camera && draft.name.trim() === '')) return;
    const command = camera
      ? { type: 'camera.update', id: camera.id, ...checked.settings }
      : { type: 'camera.add', name: draft.name.trim(), ...checked.settings };
    if (await commander.run(PLACE, command as CommandInput)) close();
  };
  const field = (name: keyof CameraDraft, label: string, help?: string, issue: string = name): ReactNode => {
    const wrong = tried && checked.field === issue;
    return (
      <TextField
        label={label}
        value={draft[name]}
        onChange={(event) => change({ [name]: event.target.value })}
        error={wrong}
        helperText={wrong ? checked.message : help}
        slotProps={{ htmlInput: { 'data-testid': `camera-${name}` } }}
      />
    );
  };
  return (
    <Dialog open onClose={close} aria-labelledby="camera-form-title">
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <DialogTitle id="camera-form-title">{camera ? `${T.edit}: ${camera.label}` : T.add}</DialogTitle>
        <DialogContent>
          <div className="form">
            {camera ? null : (
              <TextField
                label={T.name}
                value={draft.name}
                autoFocus
                required
                onChange={(event) => change({ name: event.target.value })}
                error={tried && draft.name.trim() === ''}
                slotProps={{ htmlInput: { maxLength: 80, 'data-testid': 'camera-name' } }}
              />
            )}
            <TextField
              select
              label={T.kind}
              value={draft.kind}
              onChange={(event) => change({ kind: event.target.value as CameraDraft['kind'] })}
              helperText={T.kindHelp[draft.kind]}
              slotProps={{ htmlInput: { 'data-testid': 'camera-kind' } }}
            >
              {CAMERA_KINDS.map((kind) => (
                <MenuItem key={kind} value={kind}>
                  {T.kinds[kind]}
                </MenuItem>
              ))}
            </TextField>
            {draft.kind === 'test' ? (
              <TextField
                select
                label={T.pattern}
                value={draft.pattern}
                onChange={(event) => change({ pattern: event.target.value })}
              >
                {PATTERNS.map((pattern) => (
                  <MenuItem key={pattern} value={pattern}>
                    {T.patterns[pattern]}
                  </MenuItem>
                ))}
              </TextField>
            ) : null}
            {draft.kind === 'image' ? field('file', T.file, T.fileHelp) : null}
            {draft.kind === 'url' ? field('url', T.url, T.urlHelp) : null}
            {draft.kind === 'screen' ? <ScreenFields {...{ draft, change, field }} /> : null}
            {draft.kind === 'v4l2' ? (
              <UsbFields {...{ draft, change, field }} onControls={camera ? sendControls : null} />
            ) : null}
            {draft.kind === 'composed' ? (
              <ComposedFields {...{ draft, change, field }} own={camera?.id ?? null} />
            ) : null}
            <RefusalNotice place={PLACE} />
          </div>
        </DialogContent>
        <DialogActions>
          <Button onClick={close}>{T.cancel}</Button>
          <Button type="submit" variant="contained" loading={busy} data-testid="camera-submit">
            {camera ? T.save : T.create}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
