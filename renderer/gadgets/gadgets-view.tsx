import { type ReactNode } from 'react';
import { S } from '../strings.ts';

export function GadgetsView(): ReactNode {
  return <div className="view">{S.views.gadgets}</div>;
}
