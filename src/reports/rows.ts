import type { CostRow } from '../ledger/ledger.ts';
import { divide, exact, formatDecimal, roundDecimal, sumDecimals } from '../pricing/money.ts';
import type { Decimal } from '../pricing/price.ts';
import type { QuantityName, Usage } from '../usage/usage.ts';

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
  const { iterations: _, ...sum } = a;
  const result: { -readonly [Name in QuantityName]?: number } = sum;
  for (const name of Object.keys(b) as QuantityName[]) {
    const quantity = b[name];
    if (typeof quantity === 'number') result[name] = (result[name] ?? 0) + quantity;
  }
  return result;
}
