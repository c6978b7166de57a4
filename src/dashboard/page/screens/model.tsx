import type { VNode } from 'preact';
import type { Caching, CachingJson, ModelAnswer, ReportAnswer } from '../../api.ts';
import { addressOf } from '../data/address.ts';
import { currencyOf } from '../data/currency.ts';
import { joinCaching } from '../data/joined.ts';
import { useAnswer, useParts } from '../data/use-answer.ts';
import { formatShort } from '../format/count.ts';
import { Amount } from '../parts/amount.tsx';
import { Card } from '../parts/card.tsx';
import { CsvLink } from '../parts/csv-link.tsx';
import { GroupTable } from '../parts/group-table.tsx';
import { Head } from '../parts/head.tsx';
import { PriceCard } from '../parts/price-card.tsx';
import { SpendChart } from '../parts/spend-chart.tsx';
import { Stat } from '../parts/stat.tsx';
import { Switch } from '../parts/switch.tsx';
import { Totals } from '../parts/totals.tsx';
import { SoFar, Waiting } from '../parts/waiting.tsx';
import { linkWith, type Route } from '../route.ts';

/** One model: what it cost, its price and where that was read, what caching saved. */
export function ModelScreen({ route }: { readonly route: Route }): VNode {
  const model = route.name ?? '';
  const month = route.query.get('month') ?? undefined;
  const sellers = useAnswer<ReportAnswer>(addressOf('report', { by: 'provider', 'is.model': model, month }));
  const providers = (sellers.answer?.rows ?? []).flatMap(({ group }) => group.provider ?? []);
  const provider = route.query.get('provider') ?? providers[0];
  const subject = { model, provider, month };
  const ask = (what: string): string | undefined =>
    provider === undefined ? undefined : addressOf(what, subject);
  const asked = useAnswer<ModelAnswer>(ask('model'));
  const caching = useParts<Caching>(ask('cache'), joinCaching);
  const { answer } = asked;
  const sums = answer?.totals ?? [];
  const currency = currencyOf(route, sums);
  const saved = caching.answer?.rows.filter((row) => row.currency === currency) ?? [];
  return (
    <>
      <Head title={model} route={route} currencies={sums}>
        {provider !== undefined && providers.length < 2 && <p class="muted">at {provider}</p>}
        {providers.length > 1 && (
          <Switch
            label="Provider"
            choices={providers.map((name) => ({
              name,
              href: linkWith(route, { provider: name }),
              chosen: name === provider,
            }))}
          />
        )}
      </Head>
      {provider === undefined && sellers.answer !== undefined ? (
        <p class="note">No calls of this model in this month.</p>
      ) : answer === undefined ? (
        <Waiting asked={provider === undefined ? sellers : asked} />
      ) : (
        <>
          <Totals totals={answer.totals} currency={currency} />
          <div class="grid halves">
            <PriceCard price={answer.price} used={answer.used} />
            <div class="grid stack">
              <Card
                title="Prompt caching"
                tools={<CsvLink of={addressOf('cache', subject)} name="prompt caching" />}
              >
                {caching.answer === undefined ? (
                  <Waiting asked={caching} />
                ) : (
                  <>
                    {(saved.length > 0 || caching.answer.rest === null) && <Savings rows={saved} />}
                    <SoFar rest={caching.answer.rest} />
                  </>
                )}
              </Card>
              <GroupTable
                title="Customers"
                by="customer"
                groups={answer.customers}
                currency={currency}
                csv={addressOf('report', subject, { by: 'customer' })}
              />
            </div>
          </div>
          <Card
            title="Spend per day, by customer"
            tools={
              <CsvLink
                of={addressOf('spend', subject, { by: 'customer', unit: 'day' })}
                name="spend per day by customer"
              />
            }
          >
            <SpendChart spend={answer.spend} currency={currency} />
          </Card>
        </>
      )}
    </>
  );
}

function Savings({ rows }: { readonly rows: readonly CachingJson[] }): VNode {
  if (rows.length === 0) return <p class="muted">No cached tokens in this month.</p>;
  return (
    <>
      {rows.map((row) => (
        <div class="grid" key={`${row.provider} ${row.model}`}>
          <Stat
            title="Saved"
            open={row.saved.startsWith('-')}
            figure={<Amount amount={row.saved} currency={row.currency} filter={row.filter} />}
          >
            <p>
              <Amount amount={row.saved_by_reading} currency={row.currency} /> less for{' '}
              {formatShort(row.tokens_read)} tokens read,{' '}
              <Amount amount={row.paid_for_writing} currency={row.currency} /> more for{' '}
              {formatShort(row.tokens_written)} written
            </p>
            {row.unknown > 0 && <p>{row.unknown} calls are left out: their uncached price is unknown.</p>}
          </Stat>
        </div>
      ))}
    </>
  );
}
