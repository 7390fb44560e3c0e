import { useState, type ReactNode } from 'react';
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
import { S } from '../strings.ts';
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
  const submit = async (): Promise<void> => {
    setTried(true);
    if (checked.field !== null || (!camera && draft.name.trim() === '')) return;
    const command = camera
      ? { type: 'camera.update', id: camera.id, ...checked.settings }
      : { type: 'camera.add', name: draft.name.trim(), ...checked.settings };
    if (await commander.run(PLACE, command as CommandInput)) close();
  };
  const field = (name: keyof CameraDraft, label: string, help: string): ReactNode => {
    const wrong = tried && checked.field === name;
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
            {draft.kind === 'screen' ? field('display', T.display, T.displayHelp) : null}
            {draft.kind === 'v4l2' ? (
              <>
                {field('device', T.device, T.deviceHelp)}
                <div className="form-pair">
                  {field('width', T.width, T.optional)}
                  {field('height', T.height, T.optional)}
                  {field('fps', T.fps, T.optional)}
                </div>
              </>
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
