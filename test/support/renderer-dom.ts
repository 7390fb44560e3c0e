/** What browsers have and jsdom has not, as far as drawing without a screen needs it. Imported before anything else. */
const scope = globalThis as {
  ResizeObserver?: unknown;
  CSS?: unknown;
  IS_REACT_ACT_ENVIRONMENT?: boolean;
  HTMLCanvasElement?: { prototype: { getContext: unknown } };
};

scope.ResizeObserver ??= class {
  observe(): void {
    // Nothing has a size.
  }
  unobserve(): void {
    // Nothing has a size.
  }
  disconnect(): void {
    // Nothing has a size.
  }
};
scope.CSS ??= { escape: (text: string) => text.replace(/["\\]/g, '\\$&') };
scope.IS_REACT_ACT_ENVIRONMENT = true;
if (scope.HTMLCanvasElement) scope.HTMLCanvasElement.prototype.getContext = () => null;
