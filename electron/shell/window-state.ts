import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';

/** Pixels of the desktop. */
const Rectangle = z.object({ x: z.int(), y: z.int(), width: z.int(), height: z.int() });
export type Rectangle = z.infer<typeof Rectangle>;

const WindowState = z.object({ bounds: Rectangle, maximized: z.boolean() });
export type WindowState = z.infer<typeof WindowState>;

export const MIN_SIZE = { width: 480, height: 360 };
const DEFAULT_SIZE = { width: 1280, height: 800 };
/** So much of the window must be on a screen, or it could not be caught. */
const VISIBLE = 64;

const overlap = (a: number, lengthA: number, b: number, lengthB: number): number =>
  Math.min(a + lengthA, b + lengthB) - Math.max(a, b);

/**
 * Where to open the window.
 * @param workAreas the screens that are there now; the first is the main one
 * @returns the saved place where it is still on a screen; without a position it is centred
 */
export function placeWindow(
  saved: WindowState | null,
  workAreas: readonly Rectangle[],
): { readonly width: number; readonly height: number; readonly x?: number; readonly y?: number } {
  const area = saved
    ? workAreas.find(
        (candidate) =>
          overlap(saved.bounds.x, saved.bounds.width, candidate.x, candidate.width) >= VISIBLE &&
          saved.bounds.y >= candidate.y &&
          saved.bounds.y < candidate.y + candidate.height - VISIBLE,
      )
    : undefined;
  const limit = area ?? workAreas[0] ?? { x: 0, y: 0, ...DEFAULT_SIZE };
  const wanted = saved?.bounds ?? DEFAULT_SIZE;
  const size = {
    width: Math.max(MIN_SIZE.width, Math.min(wanted.width, limit.width)),
    height: Math.max(MIN_SIZE.height, Math.min(wanted.height, limit.height)),
  };
  return saved && area ? { ...size, x: saved.bounds.x, y: saved.bounds.y } : size;
}

/** What was saved; null when there is nothing, or nothing that makes sense. */
export function readWindowState(file: string): WindowState | null {
  try {
    return WindowState.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
}

export function writeWindowState(file: string, state: WindowState): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, JSON.stringify(state));
  renameSync(`${file}.new`, file);
}
