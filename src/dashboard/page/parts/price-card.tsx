import type { VNode } from 'preact';
import type { CostJson, PriceJson, RateJson, SourceJson } from '../../api.ts';
import { formatMoney } from '../format/money.ts';
import { Card } from './card.tsx';
import { SaveCsv } from './save-csv.tsx';
import { type Column, Table } from './table.tsx';

/** The price in force now, and where and when it was read. */
export function PriceCard({
  price,
  used,
}: {
  readonly price: PriceJson | null;
  /** What the newest priced call was priced from: a list of one's own shows here. */
  readonly used: CostJson['price'];
}): VNode {
  if (price === null) {
    return (
      <Card title="Price in force">
        <p class="muted">
          {used !== null && `The newest call was priced by ${used.id} in ${used.list}. `}
          The built-in lists do not know this model. A price of your own goes into a price file; then{' '}
          <code>costspan reprice</code> prices the calls there were.
        </p>
      </Card>
    );
  }
  const columns = columnsOf(price);
  const rates = price.rates.toSorted((a, b) => rank(a) - rank(b));
  return (
    <Card
      title="Price in force"
      tools={<SaveCsv name="price in force" columns={columns} rows={price.rates} />}
    >
      {price.free === null ? (
        <Table name="Price in force" columns={columns} rows={rates} keyOf={({ meter }) => meter} />
      ) : (
        <p>Free: {price.free}</p>
      )}
      <dl class="facts">
        <dt>Price</dt>
        <dd>
          {price.id} in {price.list}
        </dd>
        <dt>In force</dt>
        <dd>
          {price.valid_from === null ? 'as long as it has been known' : `from ${price.valid_from}`}
          {price.valid_to !== null && ` until ${price.valid_to}`}
        </dd>
        {used !== null && (
          <>
            <dt>Last used</dt>
            <dd>
              {used.id} in {used.list}
            </dd>
          </>
        )}
        <Sources sources={price.sources} />
        {price.conditions.map(({ circumstance, value, factor, note }) => (
          <>
            <dt>
              {circumstance} {value}
            </dt>
            <dd>{[factor === null ? undefined : `× ${factor}`, note].filter(Boolean).join(', ')}</dd>
          </>
        ))}
      </dl>
    </Card>
  );
}

/** Where and when a price was read, by day. */
export function Sources({ sources }: { readonly sources: readonly SourceJson[] }): VNode {
  const days = [...Map.groupBy(sources, ({ as_of: day }) => day)];
  return (
    <>
      {days.map(([day, read]) => (
        <>
          <dt>Read {day}</dt>
          <dd>
            {[...new Set(read.map(({ source }) => source))].map((source, index) => (
              <>
                {index > 0 && ', '}
                <Source source={source} />
              </>
            ))}
          </dd>
        </>
      ))}
    </>
  );
}

/** An address as a link that tells the other side nothing; anything else as it stands. */
function Source({ source }: { readonly source: string }): VNode {
  return /^https?:\/\//.test(source) ? (
    <a href={source} rel="noreferrer noopener" target="_blank">
      {source.replace(/^https?:\/\//, '')}
    </a>
  ) : (
    <>{source}</>
  );
}

function columnsOf({ currency }: PriceJson): Column<RateJson>[] {
  return [
    { head: 'Meter', kind: 'title', cell: ({ meter }) => meter, text: ({ meter }) => meter },
    {
      head: `Price, ${currency}`,
      kind: 'number',
      cell: ({ price }) => <data value={price}>{formatMoney(price, currency, placesOf(price))}</data>,
      text: ({ price }) => price,
    },
    {
      head: 'Per',
      kind: 'number',
      cell: ({ per }) => (per === '1000000' ? '1 M' : per),
      text: ({ per }) => per,
    },
    {
      head: 'Above',
      cell: ({ long_context: long, note }) =>
        [...long.map(({ above, price }) => `${price} above ${above.toLocaleString('en-US')} tokens`), note]
          .filter(Boolean)
          .join('; '),
      text: ({ long_context: long, note }) =>
        [...long.map(({ above, price }) => `${price} above ${above}`), note].filter(Boolean).join('; '),
    },
  ];
}

/** A unit price is never rounded. */
function placesOf(price: string): number {
  return Math.max(2, price.split('.')[1]?.length ?? 0);
}

/** What every call has comes first. */
function rank({ meter }: RateJson): number {
  const at = ['input', 'cache_read', 'cache_write', 'output'].findIndex((usual) => meter.startsWith(usual));
  return at === -1 ? 9 : at + (meter.includes('_') ? 0.5 : 0);
}
