import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import type uPlot from 'uplot';
import type { BudgetAnswer, BurnPoint } from '../../api.ts';
import { formatPeriod } from '../format/time.ts';
import { axes } from './axes.ts';
import { BudgetAmount } from './budget-amount.tsx';
import { valueOf } from './colours.ts';
import { Plot } from './plot.tsx';
import { type Column, Table } from './table.tsx';

/** What is left of a budget, from the limit down. */
export function BurnDown({
  budget,
  points,
}: {
  readonly budget: BudgetAnswer;
  readonly points: readonly BurnPoint[];
}): VNode {
  const data = useMemo<uPlot.AlignedData>(
    // Geometry alone: the figures are below.
    () => [
      [0, ...points.map((_, index) => index + 1)],
      [Number(budget.limit), ...points.map(({ left }) => Number(left))],
    ],
    [budget, points],
  );
  const buckets = bucketsOf(budget, points);
  const options = (): Omit<uPlot.Options, 'width' | 'height'> => ({
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false, range: [0, Math.max(1, buckets)] },
      y: { range: (_, least, most) => [Math.min(0, least), most > 0 ? most * 1.05 : 1] },
    },
    axes: axes(['', ...points.map(({ label }) => formatPeriod(label))], budget.currency),
    series: [
      {},
      {
        stroke: valueOf('--series-1'),
        fill: `${valueOf('--series-1')}22`,
        width: 2,
        points: { show: points.length < 3 },
      },
    ],
  });
  return (
    <>
      <Plot
        label="What is left of the budget; the figures are in the table below"
        options={options}
        data={data}
      />
      <details class="figures">
        <summary>Figures</summary>
        <Table
          name={`Budget ${budget.id}`}
          columns={burnColumns(budget)}
          rows={points}
          keyOf={({ label }) => label}
        />
      </details>
    </>
  );
}

export function burnColumns(budget: BudgetAnswer): Column<BurnPoint>[] {
  return [
    {
      head: 'Until the end of',
      kind: 'narrow',
      cell: ({ label }) => formatPeriod(label),
      text: ({ label }) => label,
    },
    {
      head: 'Spent',
      kind: 'number',
      cell: ({ spent }) => <BudgetAmount budget={budget} amount={spent} />,
      text: ({ spent }) => spent,
    },
    {
      head: 'Left',
      kind: 'number',
      cell: ({ left }) => <BudgetAmount budget={budget} amount={left} />,
      text: ({ left }) => left,
    },
  ];
}

/** How many buckets the whole period has, as far as that can be told: the line ends where today is. */
function bucketsOf({ period }: BudgetAnswer, points: readonly BurnPoint[]): number {
  const [first] = points;
  if (first?.start == null || first.end === null || period.end === null || period.start === null)
    return points.length;
  const length = Date.parse(first.end) - Date.parse(first.start);
  return Math.max(points.length, Math.round((Date.parse(period.end) - Date.parse(period.start)) / length));
}
