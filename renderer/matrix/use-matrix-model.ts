import { useMemo } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { useDocument, useUi } from '../state/app-context.ts';
import { matrixModel, type Line, type MatrixModel } from './model.ts';

export interface MatrixAxes {
  readonly rows: readonly Line[];
  readonly columns: readonly Line[];
  readonly transposed: boolean;
}

/** The lines of both axes; the same objects until something that they show changes. */
export function useMatrixAxes(): MatrixAxes {
  const filter = useUi(
    useShallow((ui) => ({
      sourceText: ui.sourceText,
      destinationText: ui.destinationText,
      sourceKinds: ui.sourceKinds,
      destinationKinds: ui.destinationKinds,
      states: ui.states,
      media: ui.preferences.media,
      folded: ui.preferences.folded,
    })),
  );
  const transposed = useUi((ui) => ui.preferences.transposed);
  // As text: a fader that moves changes the document many times a second, but not the lines.
  const text = useDocument((state) => JSON.stringify(matrixModel(state, filter)));
  return useMemo(() => {
    const { sources, destinations } = JSON.parse(text) as MatrixModel;
    return transposed
      ? { rows: sources, columns: destinations, transposed }
      : { rows: destinations, columns: sources, transposed };
  }, [text, transposed]);
}
