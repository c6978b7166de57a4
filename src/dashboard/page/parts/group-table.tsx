import type { VNode } from 'preact';
import type { Group, Sums } from '../../api.ts';
import { formatShort } from '../format/count.ts';
import { placesFor } from '../format/money.ts';
import { Amount, Linked } from './amount.tsx';
import { Card } from './card.tsx';
import { Count } from './count.tsx';
import { CsvLink } from './csv-link.tsx';
import { GroupName } from './group-name.tsx';
import { Share } from './share.tsx';
import { Table } from './table.tsx';

/** What a sum consists of: one line per value of a dimension. */
export function GroupTable({
  title,
  by,
  groups,
  currency,
  csv,
}: {
  readonly title: string;
  readonly by: string;
  readonly groups: readonly Group[];
  readonly currency: string;
  /** The address of the same table. */
  readonly csv: string;
}): VNode {
  const rows = groups.filter((each) => each.currency === currency);
  const places = placesFor(rows.map(({ amount }) => amount ?? undefined));
  return (
    <Card title={title} tools={<CsvLink of={csv} name={title.toLowerCase()} />}>
      <Table
        name={title}
        rows={rows}
        keyOf={(row) => `${row.value} ${row.unattributed}`}
        columns={[
          {
            head: title.replace(/s$/, ''),
            kind: 'title',
            cell: (row) => <GroupName group={row} by={by} />,
          },
          { head: 'Calls', kind: 'number', cell: (row) => <Count count={row.calls} filter={row.filter} /> },
          { head: 'Tokens', kind: 'number wide', cell: (row) => <Tokens sums={row} /> },
          { head: 'Share', cell: (row) => <Share share={row.share} /> },
          {
            head: `Cost, ${currency}`,
            kind: 'number',
            cell: (row) => (
              <Amount amount={row.amount} currency={currency} places={places} filter={row.filter} />
            ),
          },
        ]}
      />
    </Card>
  );
}

/** Tokens in and out, short; whole in the tooltip. */
export function Tokens({ sums: { usage, filter } }: { readonly sums: Sums }): VNode {
  const { input_tokens: input, output_tokens: output } = usage;
  if (input === undefined && output === undefined) return <span class="muted">–</span>;
  const total = (input ?? 0) + (output ?? 0);
  return (
    <Linked filter={filter}>
      <data value={String(total)} title={`${input ?? 0} in, ${output ?? 0} out`}>
        {formatShort(total)}
      </data>
    </Linked>
  );
}
