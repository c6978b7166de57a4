import { known } from '../../base/read.ts';
import type { BudgetState } from '../../budgets/budget.ts';
import type { EventFilter } from '../../ledger/ledger.ts';
import { budgetStates } from '../budgets/standing.ts';
import { stateToJson, statesTable } from '../budgets/states.ts';
import { words } from './inputs.ts';
import { defineTool, type Tool } from './tool.ts';
import { totalsOf, withTotals } from './totals.ts';

/** Scopes shown: each is one more question to the ledger. */
const MOST = 100;

export const budgetsTool: Tool = defineTool<{ readonly id?: string; readonly customer?: string }>({
  name: 'budgets',
  title: 'How far budgets are used',
  description:
    "The budgets kept in the ledger and how far each is used in its period of now, with the sums of the calls it is about: unpriced calls are not counted in a budget, and calls nobody was named for are in no customer's.",
  inputs: {
    id: words('This budget alone.'),
    customer: words('Scopes of this customer alone.'),
  },
  outputSchema: withTotals({
    budgets: { type: 'array', items: { type: 'object' } },
    budgets_left_out: { type: 'integer' },
  }),
  async answer(ledger, filter) {
    const all = (await budgetStates(ledger, filter)).toSorted((a, b) => b.percent - a.percent);
    const states = all.slice(0, MOST);
    const budgets: object[] = [];
    for (const state of states) {
      const calls = await totalsOf(ledger, callsOf(state));
      budgets.push({ ...stateToJson(state), calls: calls.json });
    }
    const start = states
      .flatMap(({ period }) => period.start ?? [])
      .toSorted((a, b) => a.getTime() - b.getTime())[0];
    const totals = await totalsOf(ledger, known({ start, customer: filter.customer }));
    const since = start === undefined ? 'All calls' : `All calls since ${start.toISOString()}`;
    return {
      text: `${statesTable(states, 160)}\n${since}: ${totals.text}`,
      data: { budgets, budgets_left_out: all.length - states.length, totals: totals.json },
    };
  },
});

/** The calls that a scope is about. */
function callsOf({ scope, period }: BudgetState): EventFilter {
  const { customer, provider, model, operation, ...context } = scope;
  return known({
    ...period,
    customer,
    provider,
    model,
    operation,
    context: Object.keys(context).length === 0 ? undefined : context,
  });
}
