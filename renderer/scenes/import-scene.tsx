import { useRef, type ReactNode } from 'react';
import Button from '@mui/material/Button';
import { parseSceneFile, SCENE_FILE_EXTENSION } from '../../electron/contract/index.ts';
import { RefusalNotice } from '../controls/notice.tsx';
import { useApp } from '../state/app-context.ts';
import { SCENE_TEXT as T } from '../text/scenes.ts';

const PLACE = 'form:scene-import';

/** Adds the scenes of files. */
export function ImportScene(): ReactNode {
  const { commander } = useApp();
  const input = useRef<HTMLInputElement>(null);
  const take = async (files: readonly File[]): Promise<void> => {
    for (const file of files) {
      const scene = await commander.attempt(PLACE, async () => parseSceneFile(await file.text()));
      if (!scene || !(await commander.run(PLACE, { type: 'scene.import', scene }))) return;
    }
  };
  return (
    <>
      <input
        ref={input}
        type="file"
        hidden
        multiple
        accept={`.${SCENE_FILE_EXTENSION},application/json`}
        aria-label={T.importIt}
        data-testid="scene-file"
        onChange={(event) => {
          void take([...(event.target.files ?? [])]);
          // The same file may be chosen again.
          event.target.value = '';
        }}
      />
      <Button variant="outlined" onClick={() => input.current?.click()} data-testid="scene-import">
        {T.importIt}
      </Button>
      <RefusalNotice place={PLACE} />
    </>
  );
}
