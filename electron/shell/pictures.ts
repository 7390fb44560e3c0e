import { CrosspointError, type DestinationId, type SourceId } from '../contract/index.ts';
import { type Disposable } from '../base/disposable.ts';
import { type EnginePort } from '../engine/port.ts';

/** How long a picture may take when its source has to be started first, in ms. */
const FIRST_PICTURE_MS = 5_000;
const BOUNDARY = 'crosspoint-frame';
const DEFAULT_WIDTH = 320;
const DEFAULT_FPS = 5;

type VideoId = SourceId | DestinationId;

/** A number of the query between its bounds; absent when it is not given or not one. */
function bounded(query: URLSearchParams, name: string, min: number, max: number): number | undefined {
  const text = query.get(name);
  const value = text === null || text.trim() === '' ? NaN : Number(text);
  return Number.isFinite(value) ? Math.min(max, Math.max(min, value)) : undefined;
}

/**
 * `/api/video/<id>.jpg` and `.mjpg` for the page, from the engine itself.
 * @throws CrosspointError `not-found`, `unknown-id`, `wrong-media`, `timeout`
 */
export async function pictureResponse(engine: EnginePort, url: URL, signal: AbortSignal): Promise<Response> {
  const match = /^\/api\/video\/([^/]+)\.(m?jpg)$/.exec(decodeURIComponent(url.pathname));
  // The engine refuses ids that it does not have.
  const id = match?.[1] as VideoId | undefined;
  if (id === undefined) throw new CrosspointError('not-found', `There is no picture at ${url.pathname}.`);
  const width = bounded(url.searchParams, 'width', 16, 3840);
  const fps = bounded(url.searchParams, 'fps', 0.1, 60);
  if (match?.[2] === 'jpg') {
    const jpeg = await firstPicture(engine, id, width, signal);
    return new Response(jpeg, { headers: { 'content-type': 'image/jpeg', 'cache-control': 'no-store' } });
  }
  const body = pictureStream(engine, id, { width: width ?? DEFAULT_WIDTH, fps: fps ?? DEFAULT_FPS });
  return new Response(body, {
    headers: {
      'content-type': `multipart/x-mixed-replace; boundary=${BOUNDARY}`,
      'cache-control': 'no-store',
    },
  });
}

function firstPicture(
  engine: EnginePort,
  id: VideoId,
  width: number | undefined,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      act();
      // The first picture may come before `follow` has returned.
      queueMicrotask(() => void following.dispose());
    };
    const onAbort = (): void =>
      settle(() => reject(new CrosspointError('unavailable', 'Nobody waits for it any more.')));
    const timer = setTimeout(
      () => settle(() => reject(new CrosspointError('timeout', `${id} gave no picture in time.`))),
      FIRST_PICTURE_MS,
    );
    signal.addEventListener('abort', onAbort, { once: true });
    const start = (): Disposable => {
      try {
        return engine.follow(id, width === undefined ? {} : { width }, (jpeg) =>
          settle(() => resolve(copyOf(jpeg))),
        );
      } catch (error) {
        clearTimeout(timer);
        throw error;
      }
    };
    const following = start();
  });
}

/** The newest picture whenever the reader is ready for one; those between are dropped. */
function pictureStream(
  engine: EnginePort,
  id: VideoId,
  options: { readonly width: number; readonly fps: number },
): ReadableStream<Uint8Array> {
  let newest: Uint8Array | undefined;
  let following: Disposable | undefined;
  const flush = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
    if (!newest || (controller.desiredSize ?? 0) <= 0) return;
    controller.enqueue(part(newest));
    newest = undefined;
  };
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        following = engine.follow(id, options, (jpeg) => {
          newest = jpeg;
          flush(controller);
        });
      },
      pull: flush,
      cancel: () => following?.dispose(),
    },
    { highWaterMark: 1 },
  );
}

const text = new TextEncoder();

function part(jpeg: Uint8Array): Uint8Array {
  const head = text.encode(
    `--${BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: ${jpeg.length}\r\n\r\n`,
  );
  const whole = new Uint8Array(head.length + jpeg.length + 2);
  whole.set(head);
  whole.set(jpeg, head.length);
  whole.set([13, 10], head.length + jpeg.length);
  return whole;
}

/** The engine's buffers are its own. */
const copyOf = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes);
