import type { VNode } from 'preact';
import type { CurrencySummary, Part, Spend, Summary } from '../../api.ts';
import { addressOf } from '../data/address.ts';
import { currencyOf } from '../data/currency.ts';
import { type Asked, useAnswer } from '../data/use-answer.ts';
import { formatCalls } from '../format/count.ts';
import { formatMonth } from '../format/time.ts';
import { formatPercent } from '../format/percent.ts';
import { Amount } from '../parts/amount.tsx';
import { Card } from '../parts/card.tsx';
import { Change } from '../parts/change.tsx';
import { Count } from '../parts/count.tsx';
import { CsvLink } from '../parts/csv-link.tsx';
import { ForecastStat } from '../parts/forecast-stat.tsx';
import { Head } from '../parts/head.tsx';
import { SpendChart } from '../parts/spend-chart.tsx';
import { Stat } from '../parts/stat.tsx';
import { Switch } from '../parts/switch.tsx';
import { TopCustomers } from '../parts/top-customers.tsx';
import { Waiting } from '../parts/waiting.tsx';
import { linkWith, type Route } from '../route.ts';

const EVERY_MS = 30_000;
const STACKS = [
  ['Customer', 'customer'],
  ['Model', 'model'],
  ['Feature', 'context.feature'],
] as const;

/** The first screen: what the month costs, who causes it, and what is not known about it. */
export function OverviewScreen({ route }: { readonly route: Route }): VNode {
  const month = route.query.get('month') ?? undefined;
  const by = route.query.get('by') ?? 'customer';
  const summary = useAnswer<Summary>(addressOf('summary', { month }), EVERY_MS);
  const spendOf = (by: string): string => addressOf('spend', { by, unit: 'day', top: '8', month });
  const spend = useAnswer<Spend>(spendOf(by), EVERY_MS);
  // By customer it is the same question, asked once.
  const other = useAnswer<Spend>(by === 'customer' ? undefined : spendOf('customer'), EVERY_MS);
  const customers = by === 'customer' ? spend : other;
  const sums = summary.answer?.currencies ?? [];
  const currency = currencyOf(route, sums);
  return (
    <>
      <Head title="Overview" route={route} currencies={sums} />
      {summary.answer === undefined ? (
        <Waiting asked={summary} />
      ) : (
        <Figures summary={summary.answer} currency={currency} />
      )}
      <Card
        title="Spend per day"
        tools={
          <>
            <Switch
              label="Stacked by"
              choices={STACKS.map(([name, value]) => ({
                name,
                href: linkWith(route, { by: value === 'customer' ? undefined : value }),
                chosen: value === by,
              }))}
            />
            <CsvLink of={spendOf(by)} name={`spend per day by ${by.replace('context.', '')}`} />
          </>
        }
      >
        <Chart asked={spend} currency={currency} />
      </Card>
      <Card
        title="Top customers"
        tools={<CsvLink of={addressOf('report', { by: 'customer', month })} name="customers" />}
      >
        {customers.answer === undefined ? (
          <Waiting asked={customers} />
        ) : (
          <TopCustomers spend={customers.answer} currency={currency} month={month} />
        )}
      </Card>
    </>
  );
}

function Chart({ asked, currency }: { readonly asked: Asked<Spend>; readonly currency: string }): VNode {
  return asked.answer === undefined ? (
    <Waiting asked={asked} />
  ) : (
    <SpendChart spend={asked.answer} currency={currency} />
  );
}

function Figures({ summary, currency }: { readonly summary: Summary; readonly currency: string }): VNode {
  const figures = summary.currencies.find((each) => each.currency === currency);
  const { time_zone: zone } = summary;
  if (figures === undefined) return <p class="note">No calls in this month, nor in the one before.</p>;
  const { total, before, last_month: lastMonth, forecast } = figures;
  return (
    <>
      <div class="grid">
        <Stat
          title={forecast === null ? `Spend in ${monthOf(summary.period.start, zone)}` : 'Spend this month'}
          figure={<Amount amount={total.amount} currency={currency} filter={total.filter} />}
        >
          <p>
            <Count count={total.calls} filter={total.filter} /> {total.calls === 1 ? 'call' : 'calls'}
            <Change
              change={figures.change}
              than={
                forecast === null
                  ? 'the time before'
                  : `the same days of ${monthOf(summary.last_month.start, zone)}`
              }
            />
          </p>
        </Stat>
        <Stat
          title={`Spend in ${monthOf(summary.last_month.start, zone)}`}
          figure={<Amount amount={lastMonth.amount} currency={currency} filter={lastMonth.filter} />}
        >
          <p>
            <Amount amount={before.amount} currency={currency} filter={before.filter} /> in the same days
          </p>
        </Stat>
        {forecast !== null && <ForecastStat forecast={forecast} currency={currency} zone={zone} />}
      </div>
      <Open figures={figures} />
    </>
  );
}

/** What is not known about the figures above. */
function Open({ figures }: { readonly figures: CurrencySummary }): VNode {
  const { unattributed, unpriced, estimated, currency } = figures;
  return (
    <div class="grid thirds">
      <Stat
        title="Unattributed"
        open={unattributed.calls > 0}
        figure={<Amount amount={unattributed.amount} currency={currency} filter={unattributed.filter} />}
      >
        <Of
          part={unattributed}
          what={unattributed.calls === 0 ? 'every call has a customer' : 'nobody was named for them'}
        />
      </Stat>
      <Stat
        title="Unpriced"
        open={unpriced.calls > 0}
        figure={<Count count={unpriced.calls} filter={unpriced.filter} />}
      >
        <Of
          part={unpriced}
          what={unpriced.calls === 0 ? 'every call has a price' : 'cost unknown, in no sum'}
        />
      </Stat>
      <Stat
        title="Estimated"
        open={estimated.calls > 0}
        figure={<Amount amount={estimated.amount} currency={currency} filter={estimated.filter} />}
      >
        <Of
          part={estimated}
          what={estimated.calls === 0 ? 'every usage is the provider’s own' : 'the provider sent no usage'}
        />
      </Stat>
    </div>
  );
}

function Of({ part, what }: { readonly part: Part; readonly what: string }): VNode {
  return (
    <p>
      {part.calls > 0 &&
        `${formatCalls(part.calls)}${part.share_of_calls === null ? '' : ` (${formatPercent(part.share_of_calls)})`}: `}
      {what}
    </p>
  );
}

function monthOf(start: string | null, zone: string): string {
  return start === null ? 'all time' : formatMonth(start, zone);
}
