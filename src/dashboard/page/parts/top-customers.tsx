import type { VNode } from 'preact';
import type { Series, Spend } from '../../api.ts';
import { placesFor } from '../format/money.ts';
import { linkTo } from '../route.ts';
import { Amount } from './amount.tsx';
import { Count } from './count.tsx';
import { GroupName } from './group-name.tsx';
import { Share } from './share.tsx';
import { SparkLine } from './spark-line.tsx';
import { Table } from './table.tsx';

/** Who causes the spend: the largest first, and what nobody was named for. */
export function TopCustomers({
  spend,
  currency,
  month,
}: {
  readonly spend: Spend;
  readonly currency: string;
  readonly month: string | undefined;
}): VNode {
  const rows = spend.series.filter((each) => each.currency === currency);
  const total = spend.totals.find((each) => each.currency === currency);
  const places = placesFor(rows.map(({ amount }) => amount ?? undefined));
  const filterOf = (row: Series): string | undefined => (row.is_rest ? undefined : row.filter);
  return (
    <Table
      name="Top customers"
      rows={rows}
      keyOf={(row) => `${row.value} ${row.is_rest} ${row.unattributed}`}
      columns={[
        {
          head: 'Customer',
          kind: 'title',
          cell: (row) =>
            row.is_rest ? (
              <a href={linkTo('customers', undefined, { month })}>{row.groups} others</a>
            ) : (
              <GroupName group={row} by="customer" />
            ),
          foot: 'Total',
        },
        { head: 'Per day', kind: 'wide', cell: (row) => <SparkLine amounts={row.amounts} /> },
        {
          head: 'Calls',
          kind: 'number',
          cell: (row) => <Count count={row.calls} filter={filterOf(row)} />,
          foot: total && <Count count={total.calls} filter={total.filter} />,
        },
        { head: 'Share', cell: (row) => <Share share={row.share} /> },
        {
          head: `Cost, ${currency}`,
          kind: 'number',
          cell: (row) => (
            <Amount amount={row.amount} currency={currency} places={places} filter={filterOf(row)} />
          ),
          foot: total && (
            <Amount amount={total.amount} currency={currency} places={places} filter={total.filter} />
          ),
        },
      ]}
    />
  );
}
