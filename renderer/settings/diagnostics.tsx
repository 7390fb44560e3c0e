import { useState, type ReactNode } from 'react';
import Button from '@mui/material/Button';
import Download from '@mui/icons-material/FileDownloadOutlined';
import { RefusalNotice } from '../controls/notice.tsx';
import { saveFile } from '../controls/save-file.ts';
import { useApp, useBusy, useConnected } from '../state/app-context.ts';
import { DIAGNOSTICS_TEXT as T } from '../text/settings.ts';

const PLACE = 'form:diagnostics';

/** Saves what support needs as a file. */
export function Diagnostics(): ReactNode {
  const { client, commander } = useApp();
  const busy = useBusy(PLACE);
  const connected = useConnected();
  const [saved, setSaved] = useState<string | null>(null);
  const download = async (): Promise<void> => {
    setSaved(null);
    const zip = await commander.attempt(PLACE, () => client.diagnostics());
    if (!zip) return;
    const name = fileName(new Date());
    saveFile(zip, name);
    setSaved(name);
  };
  return (
    <section>
      <h2>{T.title}</h2>
      <p className="view-intro flat">{T.intro}</p>
      <div className="settings-diagnostics">
        <Button
          variant="outlined"
          startIcon={<Download />}
          disabled={busy || !connected}
          onClick={() => void download()}
          data-testid="diagnostics"
        >
          {busy ? T.busy : T.download}
        </Button>
        <span role="status">{saved === null ? '' : T.saved(saved)}</span>
      </div>
      <RefusalNotice place={PLACE} />
    </section>
  );
}

/** `crosspoint-diagnostics-2026-03-01-1405.zip`, in local time. */
function fileName(now: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  return `crosspoint-diagnostics-${day}-${two(now.getHours())}${two(now.getMinutes())}.zip`;
}
