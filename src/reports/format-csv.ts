import { stringify } from 'csv-stringify/sync';
import { QUANTITIES, type QuantityName } from '../usage/usage.ts';
import { groupLabel } from './labels.ts';
import type { Report } from './report.ts';
import { knownAmount } from './rows.ts';

/**
 * The report as CSV (RFC 4180, header line, money exact): one record per line of the report, no totals.
 * The columns depend on the dimensions asked for and on nothing else, so a spreadsheet can rely on them.
 */
export function formatCsv(report: Report): string {
  const records = report.lines.map((line) => [
    ...report.by.map((dimension) => groupLabel(line, dimension)),
    line.events,
    line.currency,
    knownAmount(line),
    line.share,
    ...CSV_QUANTITIES.map((name) => line.usage[name]),
    line.unpriced,
    line.estimated,
    line.estimatedAmount,
    line.errors,
  ]);
  return stringify(records, {
    header: true,
    columns: [
      ...report.by,
      'events',
      'currency',
      'amount',
      'share',
      ...CSV_QUANTITIES.map((name) => QUANTITIES[name]),
      'unpriced',
      'estimated',
      'estimated_amount',
      'errors',
    ],
    record_delimiter: 'windows',
    // A spreadsheet runs a cell that starts like a formula; a negative amount is none.
    cast: { string: (value) => ({ value, escape_formulas: !PLAIN_NUMBER.test(value) }) },
  });
}

const CSV_QUANTITIES: readonly QuantityName[] = [
  'inputTokens',
  'cacheReadTokens',
  'cacheWriteTokens',
  'outputTokens',
  'reasoningTokens',
  'totalTokens',
];

const PLAIN_NUMBER = /^-?\d+(\.\d+)?$/;
