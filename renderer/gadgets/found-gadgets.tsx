import { type ReactNode } from 'react';
import Button from '@mui/material/Button';
import { type FoundGadget } from '../../electron/contract/index.ts';
import { useDocument } from '../state/app-context.ts';
import { MANAGEMENT_TEXT as T } from '../text/gadgets.ts';

/** Raspberry Pis in the network that could become gadgets. */
export function FoundGadgets({ onAdopt }: { readonly onAdopt: (found: FoundGadget) => void }): ReactNode {
  const found = useDocument(({ status }) => status.found.gadgets);
  if (found.length === 0) return null;
  return (
    <section className="found" aria-label={T.found}>
      <h2>{T.found}</h2>
      <p className="view-intro">{T.foundHelp}</p>
      <ul>
        {found.map((one) => (
          <li key={`${one.host}:${one.port}`} data-testid={`found:${one.host}`}>
            <strong>{one.name}</strong>
            <span>
              {T.kinds[one.kind]} · {one.host} · {one.addresses.join(', ')}
              {one.version === undefined ? '' : ` · ${one.version}`}
            </span>
            <Button variant="outlined" onClick={() => onAdopt(one)}>
              {T.adopt}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
