import type uPlot from 'uplot';
import { formatMoney } from '../format/money.ts';
import { valueOf } from './colours.ts';

/** Axes for amounts over named buckets. */
export function axes(labels: readonly string[], currency: string | null): uPlot.Axis[] {
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  const font = `${Math.round(rem * 0.76)}px system-ui, sans-serif`;
  const [text, line] = [valueOf('--muted'), valueOf('--line')];
  return [
    {
      stroke: text,
      font,
      size: rem * 1.9,
      gap: rem * 0.4,
      grid: { show: false },
      ticks: { show: false },
      space: rem * 4.2,
      incrs: [1, 2, 3, 5, 7, 10, 14, 28, 56],
      values: (_, splits) => splits.map((at) => labels[at] ?? ''),
    },
    {
      stroke: text,
      font,
      size: (_, values) =>
        Math.max(rem * 2, ...(values ?? []).map((value) => value.length * rem * 0.5)) + rem * 0.4,
      gap: rem * 0.4,
      grid: { stroke: line, width: 1 },
      ticks: { show: false },
      space: rem * 2.6,
      values: (_, splits) => splits.map((at) => axisAmount(at, splits, currency)),
    },
  ];
}

/** A round value of an axis; the places that its steps need, and no more. */
function axisAmount(at: number, splits: readonly number[], currency: string | null): string {
  const step = Math.abs((splits[1] ?? 1) - (splits[0] ?? 0));
  const places = step >= 1 ? 0 : Math.min(8, Math.max(2, Math.ceil(-Math.log10(step))));
  const text = at.toFixed(places);
  return currency === null ? Number(text).toLocaleString('en-US') : formatMoney(text, currency, places);
}
