/** For a select whose empty value means something ("None"): it is shown, and the label stands above it. */
export const EMPTY_SHOWN = { select: { displayEmpty: true }, inputLabel: { shrink: true } } as const;
