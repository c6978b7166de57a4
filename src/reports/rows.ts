import type { CostRow } from '../ledger/ledger.ts';
import { divide, exact, formatDecimal, roundDecimal, sumDecimals } from '../pricing/money.ts';
import type { Decimal } from '../pricing/price.ts';
import { QUANTITIES, type QuantityName, type Usage } from '../usage/usage.ts';

/** A row of nothing, to add others to. */
export function emptyRow(currency: string, group: CostRow['group'] = {}): CostRow {
  return {
    group,
    events: 0,
    usage: {},
    currency,
    amount: '0',
    unpriced: 0,
    estimated: 0,
    estimatedAmount: '0',
    errors: 0,
  };
}

/** The two rows as one, money exactly; group and currency are the first one's. */
export function addRows(a: CostRow, b: CostRow): CostRow {
  return {
    group: a.group,
    currency: a.currency,
    events: a.events + b.events,
    usage: addUsage(a.usage, b.usage),
    amount: sumDecimals([a.amount, b.amount]),
    unpriced: a.unpriced + b.unpriced,
    estimated: a.estimated + b.estimated,
    estimatedAmount: sumDecimals([a.estimatedAmount, b.estimatedAmount]),
    errors: a.errors + b.errors,
  };
}

/** All rows as one; group and currency are the first one's. */
export function sumRows(rows: readonly CostRow[]): CostRow {
  const [first] = rows;
  return rows.reduce(addRows, emptyRow(first?.currency ?? '', first?.group));
}

/** The amount of a row, or undefined when not one of its calls could be priced: unknown is not 0. */
export function knownAmount(row: CostRow): Decimal | undefined {
  return row.events > 0 && row.events === row.unpriced ? undefined : row.amount;
}

/** `part ÷ whole`, rounded to three digits: `0.423`. A part of nothing is unknown. */
export function shareOf(part: Decimal, whole: Decimal): Decimal | undefined {
  const quotient = divide(exact(part), exact(whole));
  return quotient === undefined ? undefined : roundDecimal(formatDecimal(quotient), 3);
}

/** Sums the quantities; what neither side knows stays unknown. */
function addUsage(a: Usage, b: Usage): Usage {
  const sum: { -readonly [Name in QuantityName]?: number } = {};
  for (const name of Object.keys(QUANTITIES) as QuantityName[]) {
    const left = a[name];
    const right = b[name];
    if (left !== undefined || right !== undefined) sum[name] = (left ?? 0) + (right ?? 0);
  }
  return sum;
}
