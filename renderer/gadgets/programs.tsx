import { useState, type ReactNode } from 'react';
import { useShallow } from 'zustand/react/shallow';
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import TextField from '@mui/material/TextField';
import Add from '@mui/icons-material/AddOutlined';
import { type Destination } from '../../electron/contract/index.ts';
import { programAddress } from '../cameras/addresses.ts';
import { useRtmpAddress } from '../cameras/use-rtmp-address.ts';
import { Confirm } from '../controls/confirm.tsx';
import { CopyLine } from '../controls/copy-line.tsx';
import { RefusalNotice } from '../controls/notice.tsx';
import { Tile } from '../desk/tile.tsx';
import { useApp, useBusy, useConfig } from '../state/app-context.ts';
import { channelPlace } from '../state/command-store.ts';
import { S } from '../strings.ts';

const PLACE = 'form:program';
const T = S.gadgetsView;

/** RTMP outputs that follow the routing. */
export function Programs(): ReactNode {
  const programs = useConfig(
    useShallow((config) => config.destinations.filter(({ kind }) => kind === 'program')),
  );
  const [adding, setAdding] = useState(false);
  return (
    <section>
      <div className="view-head">
        <h2>{T.programs}</h2>
        <Button
          variant="outlined"
          startIcon={<Add />}
          onClick={() => setAdding(true)}
          data-testid="add-program"
        >
          {T.addProgram}
        </Button>
      </div>
      <p className="view-intro">{T.programsIntro}</p>
      {programs.length === 0 ? <div className="nothing">{T.noPrograms}</div> : null}
      <div className="cards">
        {programs.map((program) => (
          <Program key={program.id} program={program} />
        ))}
      </div>
      {adding ? <ProgramForm onClose={() => setAdding(false)} /> : null}
    </section>
  );
}

function Program({ program }: { readonly program: Destination }): ReactNode {
  const { commander } = useApp();
  const address = useRtmpAddress();
  const [removing, setRemoving] = useState(false);
  const place = channelPlace(program.id);
  return (
    <article className="card program-card" data-testid={`destination:${program.id}`}>
      <Tile id={program.id} />
      <div className="card-body">
        <CopyLine
          label={T.programAddress}
          value={programAddress(address, program.id)}
          testId={`address:${program.id}`}
        />
        <div className="card-actions">
          <Button color="error" onClick={() => setRemoving(true)} data-testid={`remove:${program.id}`}>
            {T.remove}
          </Button>
        </div>
      </div>
      {removing ? (
        <Confirm
          title={T.removeTitle(program.label)}
          text={T.removeProgramText}
          action={T.remove}
          place={place}
          onConfirm={() => commander.run(place, { type: 'program.remove', id: program.id })}
          onClose={() => setRemoving(false)}
        />
      ) : null}
    </article>
  );
}

function ProgramForm({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { commander } = useApp();
  const busy = useBusy(PLACE);
  const [name, setName] = useState('');
  const close = (): void => {
    commander.dismiss(PLACE);
    onClose();
  };
  const submit = async (): Promise<void> => {
    if (name.trim() === '') return;
    if (await commander.run(PLACE, { type: 'program.add', name: name.trim() })) close();
  };
  return (
    <Dialog open onClose={close} aria-labelledby="program-form-title">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <DialogTitle id="program-form-title">{T.addProgram}</DialogTitle>
        <DialogContent>
          <div className="form">
            <TextField
              label={T.name}
              value={name}
              required
              autoFocus
              onChange={(event) => setName(event.target.value)}
              slotProps={{ htmlInput: { maxLength: 80, 'data-testid': 'program-name' } }}
            />
            <RefusalNotice place={PLACE} />
          </div>
        </DialogContent>
        <DialogActions>
          <Button onClick={close}>{S.camerasView.cancel}</Button>
          <Button type="submit" variant="contained" loading={busy} data-testid="program-submit">
            {T.create}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
