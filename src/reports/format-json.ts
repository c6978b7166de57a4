import type { CostRow } from '../ledger/ledger.ts';
import type { JsonObject } from '../base/read.ts';
import { usageToJson } from '../usage/usage.ts';
import type { Report } from './report.ts';
import { costPerCall, costPerThousandTokens, knownAmount } from './rows.ts';

/** The report as one JSON object: snake_case, money and shares as decimal strings, unknown as `null`. */
export function formatJson(report: Report): string {
  return `${JSON.stringify(reportToJson(report), null, 2)}\n`;
}

/** The JSON form of a report; each row carries its dimensions beside its sums. */
export function reportToJson(report: Report): JsonObject {
  const byCustomer = report.by.includes('customer');
  return {
    period: {
      start: report.period.start?.toISOString() ?? null,
      end: report.period.end?.toISOString() ?? null,
    },
    time_zone: report.timeZone,
    by: report.by,
    rows: report.lines.map((line) => ({
      ...line.group,
      ...(byCustomer ? { unattributed: line.unattributed } : {}),
      ...sumsToJson(line),
      share: line.share ?? null,
    })),
    totals: report.totals.map((total) => ({
      ...sumsToJson(total),
      estimated_share: total.estimatedShare ?? null,
      unattributed: sumsToJson(total.unattributed),
    })),
  };
}

function sumsToJson(row: CostRow): JsonObject {
  return {
    events: row.events,
    currency: row.currency,
    amount: knownAmount(row) ?? null,
    usage: usageToJson(row.usage),
    unpriced: row.unpriced,
    estimated: row.estimated,
    estimated_amount: row.estimatedAmount,
    errors: row.errors,
    cost_per_call: costPerCall(row) ?? null,
    cost_per_1k_tokens: costPerThousandTokens(row) ?? null,
  };
}
