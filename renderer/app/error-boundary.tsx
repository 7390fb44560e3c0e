import { Component, type ReactNode } from 'react';
import Button from '@mui/material/Button';
import { Notice } from '../controls/notice.tsx';
import { S } from '../strings.ts';

interface Props {
  readonly children: ReactNode;
}

/** A view that fails takes neither the others nor the top bar with it. */
export class ErrorBoundary extends Component<Props, { readonly message: string | null }> {
  override readonly state: { readonly message: string | null } = { message: null };

  static getDerivedStateFromError(error: unknown): { message: string } {
    return { message: error instanceof Error ? error.message : String(error) };
  }

  override render(): ReactNode {
    if (this.state.message === null) return this.props.children;
    return (
      <div className="crashed">
        <Notice
          message={S.errors.crashed}
          hint={`${S.errors.crashedHint} (${this.state.message})`}
          action={<Button onClick={() => window.location.reload()}>{S.errors.reload}</Button>}
        />
      </div>
    );
  }
}
