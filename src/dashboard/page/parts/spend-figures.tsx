import type { VNode } from 'preact';
import type { Bucket, Series, Spend } from '../../api.ts';
import { bucketFilter } from '../data/bucket-filter.ts';
import { placesFor } from '../format/money.ts';
import { formatPeriod } from '../format/time.ts';
import { Amount } from './amount.tsx';
import { Count } from './count.tsx';
import { type Column, Table } from './table.tsx';
import { groupName } from './group-name.tsx';

/** What a chart of spend draws, in figures. */
export function SpendFigures({
  spend,
  series,
  total,
  currency,
}: {
  readonly spend: Spend;
  readonly series: readonly Series[];
  readonly total: Series | undefined;
  readonly currency: string;
}): VNode {
  const at = new Map(spend.buckets.map((bucket, index) => [bucket.label, index]));
  const indexOf = ({ label }: Bucket): number => at.get(label) ?? 0;
  const columnOf = (each: Series, head: string): Column<Bucket> => {
    const places = placesFor(each.amounts.map((amount) => amount ?? undefined));
    return {
      head,
      kind: 'number',
      cell: (bucket) => (
        <Amount
          amount={each.amounts[indexOf(bucket)]}
          currency={currency}
          places={places}
          filter={each.is_rest ? undefined : bucketFilter(each.filter, bucket)}
        />
      ),
      foot: <Amount amount={each.amount} currency={currency} places={places} />,
    };
  };
  const columns: Column<Bucket>[] = [
    { head: spend.unit, kind: 'narrow', cell: ({ label }) => formatPeriod(label), foot: 'Total' },
    ...(total === undefined
      ? []
      : [
          {
            head: 'calls',
            kind: 'number' as const,
            cell: (bucket: Bucket) => (
              <Count
                count={total.calls_per_bucket[indexOf(bucket)] ?? 0}
                filter={bucketFilter(total.filter, bucket)}
              />
            ),
            foot: <Count count={total.calls} />,
          },
          columnOf(total, 'total'),
        ]),
    ...series.map((each) =>
      columnOf(each, each.is_rest ? `${each.groups} others` : groupName(each, spend.by)),
    ),
  ];
  return (
    <details class="figures">
      <summary>Figures per {spend.unit}</summary>
      <Table
        name={`Spend per ${spend.unit}`}
        columns={columns}
        rows={spend.buckets}
        keyOf={({ label }) => label}
      />
    </details>
  );
}
