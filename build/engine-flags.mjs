/**
 * Flags of V8 for a process that passes pictures on. Memory of pictures is freed by collections of young objects, which
 * take half a millisecond; V8 starts one when so many megabytes of *objects* are new, and pictures are only counted for
 * collections of everything, which then come three times a second and take more time than all the rest.
 */
export const ENGINE_FLAGS = ['--max-semi-space-size=1'];

/** The same for the process that is running; only at its very start, before it has had many objects. */
export const ENGINE_FLAG_AT_START = '--semi-space-growth-factor=1';
