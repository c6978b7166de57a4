import { add, type Exact, exact, formatDecimal, subtract, ZERO } from '../../base/decimal.ts';
import { CostspanError } from '../../base/errors.ts';
import { known } from '../../base/read.ts';
import type { Budget, BudgetState } from '../../budgets/budget.ts';
import { readStatus } from '../../budgets/budget-status.ts';
import { bookOf } from '../../budgets/known-budgets.ts';
import { budgetFromDefinition } from '../../budgets/definition.ts';
import type { CostRow, EventFilter } from '../../ledger/ledger.ts';
import { toCsv } from '../../reports/csv.ts';
import { inZone } from '../../reports/period.ts';
import type { BudgetAnswer, BudgetJson, Budgets, BurnPoint } from '../api.ts';
import { bucketsOf, unitOf } from '../buckets.ts';
import { linkOf } from '../link.ts';
import { periodToJson, type Question, requiredOf } from '../question.ts';
import type { Answer } from './answer.ts';

const MAX_NOTICES = 100;

/** How far each budget is used, in its period of now. */
export const budgets: Answer = {
  async json(question): Promise<Budgets> {
    const found = await statesOf(question, question.filter.customer);
    const notices = (await question.ledger.budgets?.notices.history(MAX_NOTICES)) ?? [];
    return {
      rows: found.map(budgetToJson),
      notices: notices.map(({ id, createdAt, attempts, told }) => ({
        id,
        created_at: createdAt.toISOString(),
        attempts,
        told,
      })),
    };
  },
  async csv(question) {
    const rows = (await statesOf(question, question.filter.customer)).map(budgetToJson);
    return toCsv(
      rows.map((row) => [
        row.id,
        JSON.stringify(row.scope),
        row.measure,
        row.currency,
        row.period_name,
        row.period.start,
        row.period.end,
        row.limit,
        row.spent,
        row.held,
        row.remaining,
        row.percent,
        row.action,
      ]),
      [
        'id',
        'scope',
        'measure',
        'currency',
        'period',
        'start',
        'end',
        'limit',
        'spent',
        'held',
        'remaining',
        'percent',
        'action',
      ],
    );
  },
};

/** One scope of a budget, with its burn-down. */
export const budget: Answer = {
  takes: ['scope.'],
  async json(question): Promise<BudgetAnswer> {
    const id = requiredOf(question.filter.id, 'id', 'per-customer');
    const wanted = Object.entries(question.own).map(
      ([name, value]) => [name.slice('scope.'.length), value] as const,
    );
    const [found] = await answersOf(
      question,
      (state) =>
        state.id === id &&
        Object.keys(state.scope).length === wanted.length &&
        wanted.every(([name, value]) => state.scope[name] === value),
    );
    if (found !== undefined) return found;
    throw new CostspanError(
      'BUDGET_UNKNOWN',
      `There is no budget '${id}' with this scope. api/budgets lists them.`,
    );
  },
};

/** The budgets of one customer, each with its burn-down. */
export function budgetAnswers(
  question: Question,
  { customer }: { customer: string },
): Promise<readonly BudgetAnswer[]> {
  return answersOf(question, ({ scope }) => scope.customer === customer);
}

interface Found {
  readonly budget: Budget;
  readonly state: BudgetState;
}

async function answersOf(
  question: Question,
  isWanted: (state: BudgetState) => boolean,
): Promise<readonly BudgetAnswer[]> {
  const found = (await statesOf(question)).filter(({ state }) => isWanted(state));
  return Promise.all(
    found.map(async (each) => ({ ...budgetToJson(each), burn_down: await burnDown(question, each) })),
  );
}

/** Budgets given in code go before those of the same id in the ledger. */
async function statesOf(
  { ledger, budgets: given, at }: Question,
  customer?: string | null,
): Promise<readonly Found[]> {
  const store = ledger.budgets;
  if (store === undefined) return [];
  const codes = new Set(given.map(({ id }) => id));
  const kept = await store.definitions.list();
  const all = [
    ...given,
    ...kept.flatMap(({ id, definition }) => (codes.has(id) ? [] : budgetFromDefinition(id, definition))),
  ];
  const book = await bookOf(all, store);
  const states = await readStatus(store, book, at, known({ customer: customer ?? undefined }));
  return states.flatMap((state) => {
    const budget = book.of(state.scope.customer).find(({ id }) => id === state.id);
    return budget === undefined ? [] : [{ budget, state }];
  });
}

function budgetToJson({ budget, state }: Found): BudgetJson {
  const { id, scope, period, limit, spent, held, remaining, percent, resetsAt } = state;
  const isMoney = budget.measure === 'cost' || budget.measure === 'charge';
  return {
    id,
    scope,
    measure: budget.measure,
    currency: isMoney ? budget.currency : null,
    action: budget.action,
    mode: budget.mode,
    period_name: typeof budget.period === 'string' ? budget.period : budget.period.rolling,
    time_zone: budget.timeZone,
    thresholds: budget.thresholds,
    period: periodToJson(period),
    limit,
    spent,
    held,
    remaining,
    percent,
    resets_at: resetsAt?.toISOString() ?? null,
    filter: linkOf({ ...known(period), ...filterOfScope(state) }),
    query: queryOf(state),
  };
}

function queryOf({ id, scope }: BudgetState): string {
  const params = new URLSearchParams({ id });
  for (const [name, value] of Object.entries(scope)) params.set(`scope.${name}`, value);
  return params.toString();
}

/** The calls that count for a scope. A budget knows the model that was asked for. */
function filterOfScope({ scope }: BudgetState): EventFilter {
  const { customer, provider, operation, model, ...context } = scope;
  const is = Object.fromEntries(Object.entries(context).map(([name, value]) => [`context.${name}`, value]));
  if (model !== undefined) is.request_model = model;
  return known({ customer, provider, operation, is: Object.keys(is).length === 0 ? undefined : is });
}

/** What was spent until the end of each part of the period, from the events' own sums. */
async function burnDown(
  { ledger, at }: Question,
  { budget, state }: Found,
): Promise<readonly BurnPoint[] | null> {
  const { start } = state.period;
  if (start === undefined || budget.measure === 'charge') return null;
  const { timeZone, measure } = budget;
  const end = state.period.end !== undefined && state.period.end < at ? state.period.end : at;
  const unit = unitOf(undefined, { start, end: state.period.end ?? end });
  const rows = await ledger.query(
    inZone({ ...filterOfScope(state), start, end, groupBy: [unit] as const }, timeZone),
  );
  let spent = ZERO;
  return bucketsOf(unit, { start, end }, timeZone).map((bucket) => {
    for (const row of rows)
      if (row.group[unit] === bucket.label) spent = add(spent, measured(row, measure, budget.currency));
    return {
      label: bucket.label,
      ...periodToJson(bucket),
      spent: formatDecimal(spent),
      left: formatDecimal(subtract(exact(state.limit), spent)),
    };
  });
}

function measured(row: CostRow, measure: Budget['measure'], currency: string): Exact {
  if (measure === 'calls') return exact(String(row.events));
  if (measure === 'cost') return row.currency === currency ? exact(row.amount) : ZERO;
  const { totalTokens, inputTokens = 0, outputTokens = 0 } = row.usage;
  return exact(String(totalTokens ?? inputTokens + outputTokens));
}
