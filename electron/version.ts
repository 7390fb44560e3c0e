declare const __CROSSPOINT_VERSION__: string | undefined;

/** Version of the package, put in by the build. */
export const VERSION: string =
  typeof __CROSSPOINT_VERSION__ === 'string' ? __CROSSPOINT_VERSION__ : '0.0.0-dev';
