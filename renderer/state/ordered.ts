/** By the place that people gave them; equal ones stand as they came. */
export const ordered = <T extends { readonly order: number }>(list: readonly T[]): readonly T[] =>
  list.some(({ order }) => order !== 0) ? [...list].sort((a, b) => a.order - b.order) : list;
