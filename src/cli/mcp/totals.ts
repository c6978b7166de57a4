import { list, type JsonObject } from '../../base/read.ts';
import type { CostLedger, EventFilter } from '../../ledger/ledger.ts';
import { reportToJson } from '../../reports/format-json.ts';
import { report, type ReportTotal } from '../../reports/report.ts';

/** The exact sums over what an answer is about, one per currency, and what is unattributed, unpriced, estimated. */
export interface Totals {
  readonly json: readonly unknown[];
  readonly text: string;
}

export async function totalsOf(ledger: Pick<CostLedger, 'query'>, filter: EventFilter): Promise<Totals> {
  const found = await report(ledger, { ...filter, by: [] });
  return { json: list(reportToJson(found).totals), text: totalsText(found.totals) };
}

/** `USD 1.25 over 9 calls; unattributed: USD 0.1 (1 call); unpriced: 1 call, in no sum; estimated: 0 calls` */
export function totalsText(totals: readonly ReportTotal[]): string {
  if (totals.length === 0) return 'No calls.';
  return totals
    .map(({ currency, amount, events, unpriced, estimated, estimatedAmount, unattributed }) =>
      [
        `${currency} ${amount} over ${calls(events)}`,
        `unattributed: ${currency} ${unattributed.amount} (${calls(unattributed.events)})`,
        `unpriced: ${calls(unpriced)}${unpriced === 0 ? '' : ', in no sum'}`,
        `estimated: ${currency} ${estimatedAmount} (${calls(estimated)})`,
      ].join('; '),
    )
    .join('\n');
}

function calls(count: number): string {
  return `${count} ${count === 1 ? 'call' : 'calls'}`;
}

const NUMBER = { type: 'integer' };
const AMOUNT = { type: ['string', 'null'], description: 'Exact decimal text; null: unknown.' };
const SUMS: JsonObject = {
  events: NUMBER,
  currency: { type: 'string' },
  amount: AMOUNT,
  unpriced: NUMBER,
  estimated: NUMBER,
  estimated_amount: AMOUNT,
};

/** Of `totals` in every answer that has them. */
export const TOTALS_SCHEMA: JsonObject = {
  type: 'array',
  description: 'Exact sums over everything the answer is about, one per currency.',
  items: {
    type: 'object',
    properties: { ...SUMS, unattributed: { type: 'object', properties: SUMS } },
    required: [...Object.keys(SUMS), 'unattributed'],
  },
};

/** An answer that has `totals` and these. */
export function withTotals(properties: JsonObject): JsonObject {
  return {
    type: 'object',
    properties: { ...properties, totals: TOTALS_SCHEMA },
    required: [...Object.keys(properties), 'totals'],
  };
}
