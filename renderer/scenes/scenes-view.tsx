import { type ReactNode } from 'react';
import { S } from '../strings.ts';

export function ScenesView(): ReactNode {
  return <div className="view">{S.views.scenes}</div>;
}
