import { type ReactNode } from 'react';
import { S } from '../strings.ts';

export function MixerView(): ReactNode {
  return <div className="view">{S.views.mixer}</div>;
}
