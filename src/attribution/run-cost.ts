import { type Context, createContextKey } from '@opentelemetry/api';
import { add, type Decimal, type Exact, exact, formatDecimal, ZERO } from '../base/decimal.ts';
import { callerContext } from './caller-context.ts';

/** What the calls of a scope have cost so far. */
export interface RunCost {
  /** The exact sum, as decimal text; `'0'` before the first call has ended. */
  readonly amount: Decimal;
  /** Of the amount. Costs in other currencies than that of the first call are not in it; they count as unpriced. */
  readonly currency: string;
  /** Calls that have ended, in this scope and in those inside it. */
  readonly calls: number;
  /** Those of them whose price nobody knows. */
  readonly unpriced: number;
}

/**
 * What the current scope (`withCustomer`, `withCostContext`) has spent, scopes inside it included: for an agent that
 * stops itself. Calls count when they have ended. Outside every scope nothing is summed.
 *
 * @example
 * await withCostContext({ feature: 'agent' }, async () => {
 *   while (Number(currentRunCost().amount) < 0.5) await nextStep();
 * });
 */
export function currentRunCost(): RunCost {
  const run = runOf(callerContext());
  if (run === undefined) return NOTHING;
  const { amount, currency = 'USD', calls, unpriced } = run;
  return { amount: formatDecimal(amount), currency, calls, unpriced };
}

const NOTHING: RunCost = Object.freeze({ amount: '0', currency: 'USD', calls: 0, unpriced: 0 });

/** The context of a new scope, with a sum of its own. */
export function withRun(ctx: Context): Context {
  const outer = runOf(ctx);
  const depth = outer === undefined ? 0 : outer.depth + 1;
  // A scope that opens itself again for ever (a timer inside its own scope) must not keep all it came from.
  const run: Run = {
    outer: depth % MAX_DEPTH === 0 ? undefined : outer,
    depth,
    amount: ZERO,
    calls: 0,
    unpriced: 0,
  };
  return ctx.setValue(RUN, run);
}

/** Counts a finished call in the scope it was made in, and in those around it. */
export function addToRun(
  ctx: Context,
  cost: { readonly amount?: Decimal; readonly currency?: string },
): void {
  for (let run = runOf(ctx); run !== undefined; run = run.outer) {
    run.calls++;
    run.currency ??= cost.currency;
    if (cost.amount === undefined || cost.currency !== run.currency) run.unpriced++;
    else run.amount = add(run.amount, exact(cost.amount));
  }
}

interface Run {
  readonly outer: Run | undefined;
  readonly depth: number;
  amount: Exact;
  currency?: string | undefined;
  calls: number;
  unpriced: number;
}

const MAX_DEPTH = 64;
const RUN = createContextKey('costspan run');

function runOf(ctx: Context): Run | undefined {
  return ctx.getValue(RUN) as Run | undefined;
}
