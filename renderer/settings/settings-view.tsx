import { type ReactNode } from 'react';
import { S } from '../strings.ts';

export function SettingsView(): ReactNode {
  return <div className="view">{S.views.settings}</div>;
}
