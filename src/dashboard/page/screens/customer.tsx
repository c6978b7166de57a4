import type { VNode } from 'preact';
import type { CustomerAnswer, MarginJson, Margins } from '../../api.ts';
import { addressOf } from '../data/address.ts';
import { currencyOf } from '../data/currency.ts';
import { joinMargins } from '../data/joined.ts';
import { useAnswer, useParts } from '../data/use-answer.ts';
import { formatPercent } from '../format/percent.ts';
import { Amount } from '../parts/amount.tsx';
import { BudgetCard } from '../parts/budget-card.tsx';
import { Card } from '../parts/card.tsx';
import { Count } from '../parts/count.tsx';
import { CsvLink } from '../parts/csv-link.tsx';
import { GroupTable } from '../parts/group-table.tsx';
import { Head } from '../parts/head.tsx';
import { SpendChart } from '../parts/spend-chart.tsx';
import { Stat } from '../parts/stat.tsx';
import { Totals } from '../parts/totals.tsx';
import { SoFar, Waiting } from '../parts/waiting.tsx';
import type { Route } from '../route.ts';

/** One customer: what it cost, with what, for what, and what it brings in. */
export function CustomerScreen({ route }: { readonly route: Route }): VNode {
  const customer = route.name ?? '';
  const subject = { customer, month: route.query.get('month') ?? undefined };
  const asked = useAnswer<CustomerAnswer>(addressOf('customer', subject));
  const margins = useParts<Margins>(addressOf('margin', subject), joinMargins);
  const { answer } = asked;
  const sums = answer?.totals ?? [];
  const currency = currencyOf(route, sums);
  const csv = (by: string): string => addressOf('report', subject, { by });
  const margin = margins.answer?.rows.find((row) => row.currency === currency && row.charge !== '0');
  return (
    <>
      <Head title={answer?.customer.name ?? customer} route={route} currencies={sums}>
        {answer !== undefined && <Known answer={answer} />}
      </Head>
      {answer === undefined ? (
        <Waiting asked={asked} />
      ) : (
        <>
          <Totals totals={answer.totals} currency={currency} />
          {margin !== undefined && <Margin margin={margin} csv={addressOf('margin', subject)} />}
          <SoFar rest={margins.answer?.rest ?? null} />
          <Card
            title="Spend per day, by model"
            tools={
              <CsvLink
                of={addressOf('spend', subject, { by: 'model', unit: 'day' })}
                name="spend per day by model"
              />
            }
          >
            <SpendChart spend={answer.spend} currency={currency} />
          </Card>
          <div class="grid halves">
            <GroupTable
              title="Models"
              by="model"
              groups={answer.models}
              currency={currency}
              csv={csv('model')}
            />
            <GroupTable
              title="Features"
              by="context.feature"
              groups={answer.features}
              currency={currency}
              csv={csv('context.feature')}
            />
          </div>
          {answer.budgets.length > 0 && (
            <div class="grid halves">
              {answer.budgets.map((budget) => (
                <BudgetCard key={budget.query} budget={budget} />
              ))}
            </div>
          )}
        </>
      )}
    </>
  );
}

function Known({ answer: { customer } }: { readonly answer: CustomerAnswer }): VNode {
  return (
    <p class="tags">
      <span class="tag">{customer.key}</span>
      {customer.plan !== null && <span class="tag">plan {customer.plan}</span>}
      {customer.rate_card !== null && <span class="tag">rate card {customer.rate_card}</span>}
      {!customer.registered && <span class="tag">not registered</span>}
    </p>
  );
}

function Margin({ margin, csv }: { readonly margin: MarginJson; readonly csv: string }): VNode {
  const { currency, charge, cost, filter } = margin;
  return (
    <Card title="Charge and margin" tools={<CsvLink of={csv} name="charge and margin" />}>
      <div class="grid">
        <Stat title="Charge" figure={<Amount amount={charge} currency={currency} filter={filter} />}>
          <p>what the customer pays</p>
        </Stat>
        <Stat
          title="Margin"
          open={margin.margin.startsWith('-')}
          figure={<Amount amount={margin.margin} currency={currency} filter={filter} />}
        >
          <p>
            {margin.rate !== null && `${formatPercent(margin.rate)} of the charge, `}
            after <Amount amount={cost} currency={currency} filter={filter} /> of cost
          </p>
        </Stat>
        <Stat
          title="Not charged"
          open={margin.uncharged > 0}
          figure={<Count count={margin.uncharged} filter={filter} />}
        >
          <p>calls without a charge; their cost counts</p>
        </Stat>
      </div>
    </Card>
  );
}
