import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

/** What changes the colours of the style sheet, which a canvas does not follow by itself. */
const MODES = ['(prefers-color-scheme: dark)', 'print'].map((query) => matchMedia(query));

/** A drawing of uPlot that follows its box and the colour mode. Who cannot see it has the figures below it. */
export function Plot({
  label,
  options,
  data,
  children,
}: {
  readonly label: string;
  /** Made anew when the data or the colours change; `width` and `height` are those of the box. */
  readonly options: () => Omit<uPlot.Options, 'width' | 'height'>;
  readonly data: uPlot.AlignedData;
  /** What floats above the drawing. */
  readonly children?: ComponentChildren;
}): VNode {
  const box = useRef<HTMLElement>(null);
  const canvas = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const [outer, inner] = [box.current, canvas.current];
    if (outer === null || inner === null) return;
    const size = (): { width: number; height: number } => ({
      width: outer.clientWidth,
      height: outer.clientHeight,
    });
    const draw = (): uPlot => new uPlot({ ...options(), ...size() }, data, inner);
    let plot = draw();
    // At once, not with the next rendering: a printer does not wait.
    const drawAgain = (): void => {
      plot.destroy();
      plot = draw();
    };
    const observer = new ResizeObserver(() => plot.setSize(size()));
    observer.observe(outer);
    for (const mode of MODES) mode.addEventListener('change', drawAgain);
    return () => {
      for (const mode of MODES) mode.removeEventListener('change', drawAgain);
      observer.disconnect();
      plot.destroy();
    };
    // `options` is made anew with every rendering; the data tells when there is something to draw.
  }, [data]);
  return (
    <figure class="plot" ref={box} aria-label={label}>
      <div ref={canvas} />
      {children}
    </figure>
  );
}
