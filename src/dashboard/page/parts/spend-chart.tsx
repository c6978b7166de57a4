import type { VNode } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import uPlot from 'uplot';
import type { Series, Spend } from '../../api.ts';
import { bucketFilter } from '../data/bucket-filter.ts';
import { formatCalls } from '../format/count.ts';
import { placesFor } from '../format/money.ts';
import { formatPeriod } from '../format/time.ts';
import { Amount } from './amount.tsx';
import { axes } from './axes.ts';
import { colourOf, valueOf } from './colours.ts';
import { GroupName, groupName } from './group-name.tsx';
import { Plot } from './plot.tsx';
import { SpendFigures } from './spend-figures.tsx';

/** Spend over time, stacked by group, with its legend and its figures. */
export function SpendChart({ spend, currency }: { readonly spend: Spend; readonly currency: string }): VNode {
  const [at, setAt] = useState<number | undefined>(undefined);
  const series = useMemo(() => spend.series.filter((each) => each.currency === currency), [spend, currency]);
  const total = spend.totals.find((each) => each.currency === currency);
  const labels = spend.buckets.map(({ label }) => formatPeriod(label));
  const data = useMemo(() => stacked(series, spend.buckets.length), [series, spend]);
  const open = (index: number): void => {
    const bucket = spend.buckets[index];
    if (bucket !== undefined && total !== undefined)
      location.hash = `#/events?${bucketFilter(total.filter, bucket)}`;
  };
  const options = (): Omit<uPlot.Options, 'width' | 'height'> => ({
    legend: { show: false },
    cursor: { y: false, drag: { setScale: false, x: false }, points: { show: false } },
    scales: {
      x: { time: false, range: [-0.6, spend.buckets.length - 0.4] },
      y: { range: (_, __, most) => [0, most > 0 ? most * 1.06 : 1] },
    },
    axes: axes(labels, currency),
    // The whole stack is drawn first, and each smaller one over it.
    series: [{}, ...series.map((each, index) => bar(valueOf(colourOf(each, index)))).toReversed()],
    hooks: {
      setCursor: [(plot) => setAt(plot.cursor.idx ?? undefined)],
      ready: [
        (plot) => plot.over.addEventListener('click', () => plot.cursor.idx != null && open(plot.cursor.idx)),
      ],
    },
  });
  const places = placesFor(series.map(({ amount }) => amount ?? undefined));
  return (
    <>
      <div class="chart">
        <Plot
          label={`Spend per ${spend.unit}, stacked by ${spend.by.replace('context.', '')}; the figures are in the table below`}
          options={options}
          data={data}
        >
          {at !== undefined && spend.buckets[at] !== undefined && (
            <Hover spend={spend} series={series} total={total} at={at} currency={currency} />
          )}
        </Plot>
        <ul class="legend">
          {series.map((each, index) => (
            <li key={`${each.value} ${each.is_rest} ${each.unattributed}`}>
              <Swatch colour={colourOf(each, index)} />
              <span class="name">
                {each.is_rest ? `${each.groups} others` : <GroupName group={each} by={spend.by} />}
              </span>
              <Amount
                amount={each.amount}
                currency={currency}
                places={places}
                filter={each.is_rest ? undefined : each.filter}
              />
            </li>
          ))}
        </ul>
      </div>
      <SpendFigures spend={spend} series={series} total={total} currency={currency} />
    </>
  );
}

function Hover({
  spend,
  series,
  total,
  at,
  currency,
}: {
  readonly spend: Spend;
  readonly series: readonly Series[];
  readonly total: Series | undefined;
  readonly at: number;
  readonly currency: string;
}): VNode {
  const side = at < spend.buckets.length / 2 ? { right: '0.25rem' } : { left: '4rem' };
  const places = placesFor([total?.amounts[at] ?? undefined]);
  const shown = series.flatMap((each, index) => {
    const amount = each.amounts[at] ?? null;
    return amount === null || amount === '0' ? [] : [{ each, index, amount }];
  });
  return (
    <div class="hover" style={side} aria-hidden="true">
      <strong>{formatPeriod(spend.buckets[at]?.label ?? '')}</strong>{' '}
      <span class="muted">{formatCalls(total?.calls_per_bucket[at] ?? 0)}</span>
      <ul class="legend">
        {shown.map(({ each, index, amount }) => (
          <li key={`${each.value} ${each.is_rest} ${each.unattributed}`}>
            <Swatch colour={colourOf(each, index)} />
            <span class="name">{each.is_rest ? `${each.groups} others` : groupName(each, spend.by)}</span>
            <Amount amount={amount} currency={currency} places={places} />
          </li>
        ))}
        <li>
          <span />
          <strong>Total</strong>
          <Amount amount={total?.amounts[at]} currency={currency} places={places} />
        </li>
      </ul>
    </div>
  );
}

function Swatch({ colour }: { readonly colour: string }): VNode {
  return (
    <svg class="swatch" viewBox="0 0 10 10" aria-hidden="true">
      <rect width="10" height="10" rx="2.5" style={{ fill: `var(${colour})` }} />
    </svg>
  );
}

function bar(colour: string): uPlot.Series {
  return {
    fill: colour,
    stroke: valueOf('--surface'),
    width: 1,
    points: { show: false },
    ...(uPlot.paths.bars === undefined ? {} : { paths: uPlot.paths.bars({ size: [0.78, 56] }) }),
  };
}

/** Heights of the stack: geometry, so floats will do. The last series is the whole of it and comes first. */
function stacked(series: readonly Series[], buckets: number): uPlot.AlignedData {
  const heights = Array.from({ length: buckets }, () => 0);
  const rows = series.map(({ amounts }) =>
    amounts.map(
      (amount, index) => (heights[index] = (heights[index] ?? 0) + Math.max(0, Number(amount ?? '0'))),
    ),
  );
  // A bar of no height would still draw its outline.
  const drawn = rows.map((row) => row.map((height) => (height === 0 ? null : height)));
  return [heights.map((_, index) => index), ...drawn.toReversed()];
}
