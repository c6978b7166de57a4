import type { VNode } from 'preact';
import type { ReportAnswer, ReportRow } from '../../api.ts';
import { addressOf } from '../data/address.ts';
import { useAnswer } from '../data/use-answer.ts';
import { placesFor } from '../format/money.ts';
import { Amount } from '../parts/amount.tsx';
import { Card } from '../parts/card.tsx';
import { Count } from '../parts/count.tsx';
import { CsvLink } from '../parts/csv-link.tsx';
import { Tokens } from '../parts/group-table.tsx';
import { Head } from '../parts/head.tsx';
import { Share } from '../parts/share.tsx';
import { Table } from '../parts/table.tsx';
import { Waiting } from '../parts/waiting.tsx';
import { linkTo, type Route } from '../route.ts';

/** Every model that was called, by provider. */
export function ModelsScreen({ route }: { readonly route: Route }): VNode {
  const month = route.query.get('month') ?? undefined;
  const address = addressOf('report', { by: 'model,provider', month });
  const asked = useAnswer<ReportAnswer>(address);
  return (
    <>
      <Head title="Models" route={route} />
      <Card title="Models" tools={<CsvLink of={address} name="models" />}>
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
  readonly rows: readonly ReportRow[];
  readonly month: string | undefined;
}): VNode {
  const places = placesFor(rows.map(({ amount }) => amount ?? undefined));
  const perCall = placesFor(rows.map(({ cost_per_call: each }) => each ?? undefined));
  return (
    <Table
      name="Models"
      rows={rows}
      keyOf={({ group, currency }) => JSON.stringify([group, currency])}
      columns={[
        {
          head: 'Model',
          kind: 'title',
          cell: ({ group: { model = null, provider = null }, filter }) =>
            model === null ? (
              <a href={`#/events?${filter}`}>no model</a>
            ) : (
              <a href={linkTo('model', model, { provider: provider ?? undefined, month })}>{model}</a>
            ),
        },
        { head: 'Provider', kind: 'wide', cell: ({ group }) => group.provider ?? 'unknown' },
        {
          head: 'Calls',
          kind: 'number',
          cell: ({ calls, filter }) => <Count count={calls} filter={filter} />,
        },
        { head: 'Tokens', kind: 'number wide', cell: (row) => <Tokens sums={row} /> },
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
        {
          head: 'Per call',
          kind: 'number wide',
          cell: ({ cost_per_call: each, currency, filter }) =>
            each === null ? (
              <span class="muted">–</span>
            ) : (
              <Amount amount={each} currency={currency} places={perCall} filter={filter} />
            ),
        },
        { head: 'Share', cell: ({ share }) => <Share share={share} /> },
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
