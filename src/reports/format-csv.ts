import { HEADLINE_QUANTITIES } from '../usage/quantities.ts';
import { toCsv } from './csv.ts';
import type { Report } from './report.ts';
import { costPerCall, costPerThousandTokens, knownAmount } from './rows.ts';

/**
 * The report as CSV (RFC 4180, header line, money exact): one record per line of the report, no totals.
 * The columns depend on the dimensions asked for and on nothing else, so a spreadsheet can rely on them.
 *
 * A value that is unknown is an empty field. Where customers are asked for, the last column tells calls that nobody was
 * named for (`unattributed` is `true`) from those of nobody (`false`); so a customer may have any name.
 */
export function formatCsv(report: Report): string {
  const byCustomer = report.by.includes('customer');
  const records = report.lines.map((line) => [
    ...report.by.map((dimension) => line.group[dimension]),
    line.events,
    line.currency,
    knownAmount(line),
    line.share,
    ...HEADLINE_QUANTITIES.map(({ name }) => line.usage[name]),
    line.unpriced,
    line.estimated,
    line.estimatedAmount,
    line.errors,
    costPerCall(line),
    costPerThousandTokens(line),
    ...(byCustomer ? [String(line.unattributed)] : []),
  ]);
  return toCsv(records, [
    ...report.by,
    'events',
    'currency',
    'amount',
    'share',
    ...HEADLINE_QUANTITIES.map(({ key }) => key),
    'unpriced',
    'estimated',
    'estimated_amount',
    'errors',
    'cost_per_call',
    'cost_per_1k_tokens',
    ...(byCustomer ? ['unattributed'] : []),
  ]);
}
