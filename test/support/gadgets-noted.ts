import { toDisposable } from '../../electron/base/disposable.ts';
import { Emitter } from '../../electron/base/emitter.ts';
import { type GadgetsDesired, type GadgetsPlane, type GadgetsStatus } from '../../electron/gadgets/plane.ts';

/** Only notes what it is asked for and reports what a test says: for tests of the engine alone. */
export class NotedGadgets implements GadgetsPlane {
  readonly #events = new Emitter<GadgetsStatus>();
  readonly onStatus = this.#events.event;
  readonly asked: unknown[][] = [];
  desired: GadgetsDesired | undefined;
  status: GadgetsStatus = { gadgets: {}, found: [] };
  onLines: ((lines: readonly string[]) => void) | undefined;

  apply(desired: GadgetsDesired): void {
    this.desired = desired;
  }
  report(status: Partial<GadgetsStatus>): void {
    this.status = { ...this.status, ...status };
    this.#events.fire(this.status);
  }
  act(...args: unknown[]): number {
    return this.asked.push(args);
  }
  trust(...args: unknown[]): Promise<void> {
    this.asked.push(['trust', ...args]);
    return Promise.resolve();
  }
  followLog(_id: string, onLines: (lines: readonly string[]) => void) {
    this.onLines = onLines;
    return toDisposable(() => {
      this.onLines = undefined;
    });
  }
  dispose(): void {
    this.#events.dispose();
  }
}
