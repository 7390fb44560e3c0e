import { type ServerStore } from './server-store.ts';

/** Resolves when the document has caught up with an answer (which may overtake its patch), or after a deadline. */
export function whenRevision(server: ServerStore, revision: number, deadlineMs = 1000): Promise<void> {
  const caughtUp = (): boolean => (server.getState().document?.revision ?? -1) >= revision;
  if (caughtUp()) return Promise.resolve();
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      unsubscribe();
      resolve();
    };
    const timer = setTimeout(finish, deadlineMs);
    const unsubscribe = server.subscribe(() => {
      if (caughtUp()) finish();
    });
  });
}
