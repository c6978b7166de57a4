import { compare, exact } from '../../base/decimal.ts';
import { addRows, emptyRow } from '../../ledger/cost-row.ts';
import type { CostRow, EventFilter } from '../../ledger/ledger.ts';
import { costPerCall, knownAmount } from '../../reports/rows.ts';
import { usageToJson } from '../../usage/usage.ts';
import type { Sums } from '../api.ts';
import { linkOf } from '../link.ts';

/** The sums of a row as JSON, with the way to its events. */
export type ToSums = (row: CostRow, filter: EventFilter) => Sums;

/** For the rows of one answer: where they have several currencies, the way to the events of one is by its currency. */
export function sumsOf(rows: readonly CostRow[]): ToSums {
  const hasSeveral = new Set(rows.filter(isPriced).map(({ currency }) => currency)).size > 1;
  return (row, filter) => {
    const { iterations: _, ...usage } = usageToJson(row.usage);
    return {
      calls: row.events,
      currency: row.currency,
      amount: knownAmount(row) ?? null,
      unpriced: row.unpriced,
      estimated: row.estimated,
      estimated_amount: row.estimatedAmount,
      errors: row.errors,
      usage,
      cost_per_call: costPerCall(row) ?? null,
      filter: linkOf(hasSeveral ? ofCurrency(row, filter) : filter),
    };
  };
}

/** Calls without a price have no currency: they are counted beside those that have one. */
function ofCurrency(row: CostRow, filter: EventFilter): EventFilter {
  const currency = row.unpriced > 0 ? [row.currency, null] : row.currency;
  return { ...filter, is: { ...filter.is, currency } };
}

/** Rows added up per currency, the one with most calls first. Where nothing has a price, the currency is `fallback`'s. */
export function byCurrency(rows: readonly CostRow[], fallback?: string): ReadonlyMap<string, CostRow> {
  const sums = new Map<string, CostRow>();
  for (const row of rows) {
    const currency = isPriced(row) ? row.currency : (fallback ?? row.currency);
    sums.set(currency, addRows(sums.get(currency) ?? emptyRow(currency), row));
  }
  return new Map(
    [...sums].sort(([, a], [, b]) => b.events - a.events || compare(exact(b.amount), exact(a.amount))),
  );
}

/** Whether the row's currency is its own: some call in it has a price. */
function isPriced(row: CostRow): boolean {
  return row.unpriced < row.events || row.amount !== '0';
}
