import type { CostRow } from '../ledger/ledger.ts';
import { divide, exact, formatDecimal, multiply, roundDecimal } from '../base/decimal.ts';
import type { Decimal } from '../base/decimal.ts';

/** The amount of a row, or undefined when not one of its calls could be priced: unknown is not 0. */
export function knownAmount(row: CostRow): Decimal | undefined {
  return row.events > 0 && row.events === row.unpriced ? undefined : row.amount;
}

/** `part ÷ whole`, rounded to three digits: `0.423`. A part of nothing is unknown. */
export function shareOf(part: Decimal, whole: Decimal): Decimal | undefined {
  const quotient = divide(exact(part), exact(whole));
  return quotient === undefined ? undefined : roundDecimal(formatDecimal(quotient), 3);
}

/** What a priced call cost on average, to nine digits; absent where no call could be priced. */
export function costPerCall(row: CostRow): Decimal | undefined {
  return quotientOf(row.amount, row.events - row.unpriced);
}

/** What a thousand tokens, in and out, cost on average; absent while a call is unpriced, whose tokens are counted. */
export function costPerThousandTokens(row: CostRow): Decimal | undefined {
  if (row.unpriced > 0) return undefined;
  const { totalTokens, inputTokens, outputTokens } = row.usage;
  const tokens = totalTokens ?? (inputTokens ?? 0) + (outputTokens ?? 0);
  return quotientOf(formatDecimal(multiply(exact(row.amount), exact('1000'))), tokens);
}

function quotientOf(amount: Decimal, count: number): Decimal | undefined {
  if (count <= 0) return undefined;
  const quotient = divide(exact(amount), exact(String(count)));
  return quotient === undefined ? undefined : formatDecimal(exact(roundDecimal(formatDecimal(quotient), 9)));
}
