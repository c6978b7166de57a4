import type { VNode } from 'preact';
import type { BudgetAnswer } from '../../api.ts';
import { addressOf } from '../data/address.ts';
import { useAnswer } from '../data/use-answer.ts';
import { scopeOf } from '../parts/budget-amount.tsx';
import { BudgetCard } from '../parts/budget-card.tsx';
import { Head } from '../parts/head.tsx';
import { Waiting } from '../parts/waiting.tsx';
import type { Route } from '../route.ts';

/** One scope of a budget. */
export function BudgetScreen({ route }: { readonly route: Route }): VNode {
  const asked = useAnswer<BudgetAnswer>(addressOf('budget', route.query), 30_000);
  const { answer } = asked;
  return (
    <>
      <Head title={`Budget ${route.query.get('id') ?? ''}`} route={route} month={false}>
        {answer !== undefined && <p class="muted">{scopeOf(answer)}</p>}
      </Head>
      {answer === undefined ? <Waiting asked={asked} /> : <BudgetCard budget={answer} />}
    </>
  );
}
