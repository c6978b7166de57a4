import type { VNode } from 'preact';
import type { CustomerRow, Customers } from '../../api.ts';
import { addressOf } from '../data/address.ts';
import { useAnswer } from '../data/use-answer.ts';
import { placesFor } from '../format/money.ts';
import { Amount } from '../parts/amount.tsx';
import { Card } from '../parts/card.tsx';
import { Count } from '../parts/count.tsx';
import { CsvLink } from '../parts/csv-link.tsx';
import { Head } from '../parts/head.tsx';
import { Share } from '../parts/share.tsx';
import { Table } from '../parts/table.tsx';
import { Waiting } from '../parts/waiting.tsx';
import { linkTo, linkWith, type Route } from '../route.ts';

/** Everybody who is registered or was seen, the largest spend first. */
export function CustomersScreen({ route }: { readonly route: Route }): VNode {
  const month = route.query.get('month') ?? undefined;
  const search = route.query.get('search') ?? '';
  const address = addressOf('customers', { search, month, limit: '500' });
  const asked = useAnswer<Customers>(address);
  return (
    <>
      <Head title="Customers" route={route} />
      <Card
        title={asked.answer === undefined ? 'Customers' : `${asked.answer.count} customers`}
        tools={
          <>
            <search>
              <input
                type="search"
                aria-label="Search customers"
                placeholder="Search by key or name"
                defaultValue={search}
                onInput={(event) => {
                  history.replaceState(null, '', linkWith(route, { search: event.currentTarget.value }));
                  dispatchEvent(new HashChangeEvent('hashchange'));
                }}
              />
            </search>
            <CsvLink of={addressOf('customers', { search, month })} name="customers" />
          </>
        }
      >
        {asked.answer === undefined ? (
          <Waiting asked={asked} />
        ) : (
          <List rows={asked.answer.rows} month={month} />
        )}
      </Card>
    </>
  );
}

function List({
  rows,
  month,
}: {
  readonly rows: readonly CustomerRow[];
  readonly month: string | undefined;
}): VNode {
  if (rows.length === 0) return <p class="muted">Nobody by that name.</p>;
  const places = placesFor(rows.map(({ amount }) => amount ?? undefined));
  return (
    <Table
      name="Customers"
      rows={rows}
      keyOf={({ customer, currency }) => `${customer} ${currency}`}
      columns={[
        {
          head: 'Customer',
          kind: 'title',
          cell: ({ customer, name }) => (
            <>
              <a href={linkTo('customer', customer, { month })}>{name ?? customer}</a>
              {name !== null && <div class="muted small">{customer}</div>}
            </>
          ),
        },
        {
          head: 'Plan',
          kind: 'wide',
          cell: ({ plan, registered, merged_into: into }) =>
            into === null ? (
              (plan ?? (registered ? '' : <span class="tag">not registered</span>))
            ) : (
              <span class="tag">merged into {into}</span>
            ),
        },
        {
          head: 'Calls',
          kind: 'number',
          cell: ({ calls, filter }) => <Count count={calls} filter={filter} />,
        },
        {
          head: 'Unpriced',
          kind: 'number wide',
          cell: ({ unpriced, filter }) =>
            unpriced === 0 ? (
              <span class="muted">0</span>
            ) : (
              <Count count={unpriced} filter={`${filter}&unpriced=true`} />
            ),
        },
        { head: 'Share', cell: ({ share, calls }) => (calls === 0 ? '' : <Share share={share} />) },
        {
          head: 'Cost',
          kind: 'number',
          cell: ({ amount, currency, filter }) => (
            <Amount amount={amount} currency={currency} places={places} filter={filter} />
          ),
        },
      ]}
    />
  );
}
