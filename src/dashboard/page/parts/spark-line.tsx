import type { VNode } from 'preact';
import type { Amount } from '../../api.ts';

/** The course of an amount, small. Geometry alone: the amounts stand beside it. */
export function SparkLine({ amounts }: { readonly amounts: readonly (Amount | null)[] }): VNode {
  const values = amounts.map((amount) => Math.max(0, Number(amount ?? '0')));
  const most = Math.max(...values, Number.MIN_VALUE);
  const step = 100 / Math.max(1, values.length - 1);
  const points = values.map(
    (value, index) => `${(index * step).toFixed(1)},${(22 - (value / most) * 20).toFixed(1)}`,
  );
  return (
    <svg class="spark" viewBox="0 0 100 24" preserveAspectRatio="none" aria-hidden="true">
      <polygon points={`0,24 ${points.join(' ')} 100,24`} fill="currentColor" opacity="0.12" />
      <polyline
        points={points.join(' ')}
        fill="none"
        stroke="currentColor"
        stroke-width="1.5"
        stroke-linejoin="round"
        vector-effect="non-scaling-stroke"
      />
    </svg>
  );
}
