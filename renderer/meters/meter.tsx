import { useEffect, useRef, type ReactNode } from 'react';
import { useColorScheme } from '@mui/material/styles';
import { useApp } from '../state/app-context.ts';
import { useOnScreen } from '../controls/use-on-screen.ts';
import { S } from '../strings.ts';
import { meterColours, paintMeter, signatureOf } from './meter-painter.ts';
import { loudest, type MeterReading, type Turn } from './level-hub.ts';
import './meters.css';

/** The level of a source or destination as peaks in dBFS. A click takes the clip mark back. */
export function Meter({
  id,
  name,
  orientation,
  turn = 0,
}: {
  readonly id: string;
  readonly name: string;
  readonly orientation: 'vertical' | 'horizontal';
  /** Those of the other edge of a large view have the other one. */
  readonly turn?: Turn;
}): ReactNode {
  const { levels, watching } = useApp();
  const canvas = useRef<HTMLCanvasElement>(null);
  const visible = useOnScreen(canvas);
  const { colorScheme } = useColorScheme();

  useEffect(() => {
    const element = canvas.current;
    if (!element || !visible) return;
    const unwatch = watching.watch('meters', id);
    const colours = meterColours(element);
    const fit = (): void => {
      const box = element.getBoundingClientRect();
      element.width = Math.max(1, Math.round(box.width * devicePixelRatio));
      element.height = Math.max(1, Math.round(box.height * devicePixelRatio));
    };
    fit();
    let drawn: string | null = null;
    const paint = (reading: MeterReading): void => {
      const signature = signatureOf(reading, Math.max(element.width, element.height));
      if (signature === drawn) return;
      drawn = signature;
      paintMeter(element, reading, colours, orientation);
      element.dataset.level = reading.needles.length === 0 ? 'none' : loudest(reading).toFixed(1);
    };
    const stop = levels.paint(id, paint, turn);
    return () => {
      stop();
      unwatch();
      // What is not followed any more must not stand there as if it were.
      paint({ needles: [] });
    };
  }, [colorScheme, id, levels, orientation, turn, visible, watching]);

  return (
    <canvas
      ref={canvas}
      className={`meter ${orientation}`}
      role="img"
      aria-label={S.channel.levelOf(name)}
      data-testid={`meter:${id}`}
      onClick={() => levels.clearClip(id)}
    />
  );
}
