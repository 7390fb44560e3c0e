import { useEffect, useRef, useState, useSyncExternalStore, type ReactNode } from 'react';
import Camera from '@mui/icons-material/VideocamOffOutlined';
import { useApp } from '../state/app-context.ts';
import { useOnScreen } from '../controls/use-on-screen.ts';
import { S } from '../strings.ts';
import './pictures.css';

/** A picture that is about to come is not one that is missing. */
const LATE_MS = 3000;

/** Draws a picture as large as fits, in its own shape, on black. */
function drawInto(canvas: HTMLCanvasElement, bitmap: ImageBitmap): void {
  const { clientWidth, clientHeight } = canvas;
  const width = Math.max(1, Math.round(clientWidth * devicePixelRatio));
  const height = Math.max(1, Math.round(clientHeight * devicePixelRatio));
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  const context = canvas.getContext('2d');
  if (!context) return;
  const scale = Math.min(width / bitmap.width, height / bitmap.height);
  const w = bitmap.width * scale;
  const h = bitmap.height * scale;
  if (w < width || h < height) context.clearRect(0, 0, width, height);
  context.drawImage(bitmap, (width - w) / 2, (height - h) / 2, w, h);
}

/** The newest picture of a video source, or of what a destination is being sent; dimmed while it is old. */
export function LivePicture({ id, name }: { readonly id: string; readonly name: string }): ReactNode {
  const { pictures, watching } = useApp();
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const visible = useOnScreen(frame);
  const [shown, setShown] = useState(false);
  const [late, setLate] = useState(false);
  const live = useSyncExternalStore(pictures.onLive, () => pictures.live);

  useEffect(() => {
    const element = canvas.current;
    if (!element || !visible) return;
    const unwatch = watching.watch('pictures', id);
    const stop = pictures.view(id, {
      draw(bitmap) {
        drawInto(element, bitmap);
        setShown(true);
      },
    });
    return () => {
      stop();
      unwatch();
    };
  }, [id, pictures, visible, watching]);

  useEffect(() => {
    if (!visible || shown) return;
    const timer = setTimeout(() => setLate(true), LATE_MS);
    return () => clearTimeout(timer);
  }, [shown, visible]);

  return (
    <div
      ref={frame}
      className={`picture${live ? '' : ' old'}`}
      data-testid={`picture:${id}`}
      data-live={live && shown}
    >
      <canvas ref={canvas} role="img" aria-label={S.channel.picture(name)} />
      {shown || !late ? null : (
        <span className="picture-none">
          <Camera aria-hidden sx={{ fontSize: 18 }} />
        </span>
      )}
    </div>
  );
}
