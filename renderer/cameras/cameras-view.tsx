import { type ReactNode } from 'react';
import { S } from '../strings.ts';

export function CamerasView(): ReactNode {
  return <div className="view">{S.views.cameras}</div>;
}
