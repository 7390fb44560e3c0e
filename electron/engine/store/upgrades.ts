export type UnknownDocument = Readonly<Record<string, unknown>> & { readonly version: number };

/**
 * Number n (from 0) makes a document of version n + 2 of one of version n + 1. One is added for every change of the
 * persisted schema, with a before and an after fixture in test/fixtures/state; none is ever changed.
 */
export const UPGRADES: readonly ((document: UnknownDocument) => UnknownDocument)[] = [];
