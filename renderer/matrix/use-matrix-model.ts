import { useMemo } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { type State } from '../../electron/contract/index.ts';
import { useDocument, useUi } from '../state/app-context.ts';
import { matrixModel, type Line, type MatrixFilter, type MatrixModel } from './model.ts';

export interface MatrixAxes {
  readonly rows: readonly Line[];
  readonly columns: readonly Line[];
  readonly transposed: boolean;
}

/**
 * As text: a fader that moves changes the document many times a second, but not the lines. Made anew only when
 * something changed that they are made of, because every patch asks.
 */
function modelText(filter: MatrixFilter): (state: State) => string {
  const madeOf = ({ config, status }: State): readonly unknown[] => [
    config.sources,
    config.destinations,
    config.gadgets,
    ...(filter.states === 'all' ? [] : [config.routes, status.cells, status.devices]),
  ];
  let last: readonly unknown[] = [];
  let text = '';
  return (state) => {
    const parts = madeOf(state);
    if (!parts.every((part, index) => part === last[index])) {
      last = parts;
      text = JSON.stringify(matrixModel(state, filter));
    }
    return text;
  };
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
  const text = useDocument(useMemo(() => modelText(filter), [filter]));
  return useMemo(() => {
    const { sources, destinations } = JSON.parse(text) as MatrixModel;
    return transposed
      ? { rows: sources, columns: destinations, transposed }
      : { rows: destinations, columns: sources, transposed };
  }, [text, transposed]);
}
