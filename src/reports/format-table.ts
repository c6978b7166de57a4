import stringWidth from 'string-width';
import type { CostRow } from '../ledger/ledger.ts';
import { exact, formatDecimal, multiply, roundDecimal } from '../pricing/money.ts';
import type { Decimal } from '../pricing/price.ts';
import { groupLabel } from './labels.ts';
import type { Report, ReportLine, ReportTotal } from './report.ts';
import { knownAmount, shareOf } from './rows.ts';

/** The report as people read it: a table with totals, then what is missing from the figures. Money is exact. */
export function formatTable(report: Report): string {
  const heading = `Cost ${describePeriod(report)}`;
  if (report.totals.length === 0) return `${heading}\n\nNo calls.\n`;
  return [heading, '', table(report), '', ...report.totals.flatMap(notes)].join('\n').trimEnd() + '\n';
}

function describePeriod({ period: { start, end } }: Report): string {
  if (start === undefined && end === undefined) return 'of all calls';
  const from = start === undefined ? '' : ` from ${showTime(start)}`;
  const until = end === undefined ? '' : ` until ${showTime(end)}`;
  return `of the calls${from}${until} (UTC)`;
}

function showTime(time: Date): string {
  return time
    .toISOString()
    .replace(/T00:00:00\.000Z$|:00\.000Z$|\.000Z$|Z$/, '')
    .replace('T', ' ');
}

function table(report: Report): string {
  const columns = numberColumns(report);
  const names = report.by.length;
  const head = [...report.by, ...columns.map(({ head }) => head)];
  const lines = report.lines.map((line) => [
    ...report.by.map((dimension) => groupLabel(line, dimension)),
    ...columns.map(({ cell }) => cell(line)),
  ]);
  const totals = report.totals.map((total) => [
    ...report.by.map((_, index) => (index === 0 ? 'total' : '')),
    ...columns.map(({ cell }) => cell(total)),
  ]);
  const widths = head.map((_, index) =>
    largest([head, ...lines, ...totals].map((cells) => stringWidth(cells[index] ?? ''))),
  );
  const rule = '─'.repeat(widths.reduce((sum, width) => sum + width + GAP.length, -GAP.length));
  const print = (cells: readonly string[]): string => printLine(cells, widths, names);
  // Without a dimension the one line is the total already.
  const sums = names === 0 ? [] : [rule, ...totals.map(print)];
  return [print(head), rule, ...lines.map(print), ...sums].join('\n');
}

/** No frame: what is printed can be pasted and searched. */
const GAP = '  ';

/** Names to the left, numbers to the right. */
function printLine(cells: readonly string[], widths: readonly number[], names: number): string {
  const padded = cells.map((cell, index) => {
    const space = ' '.repeat((widths[index] ?? 0) - stringWidth(cell));
    return index < names ? cell + space : space + cell;
  });
  return padded.join(GAP).trimEnd();
}

/** `Math.max(...numbers)` fails when there are more lines than a call may have arguments. */
function largest(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => Math.max(a, b), 0);
}

interface Column {
  readonly head: string;
  readonly cell: (row: ReportLine | ReportTotal) => string;
}

/** The sums to show: counts that are 0 everywhere are left out where only the exception is of interest. */
function numberColumns({ lines, totals }: Report): Column[] {
  const digits = largest([2, ...[...lines, ...totals].map(({ amount }) => exact(amount).scale)]);
  const [total, otherTotal] = totals;
  return [
    ...COUNTS.filter(({ always, read }) => always === true || totals.some((row) => (read(row) ?? 0) > 0)).map(
      ({ head, read }): Column => ({ head, cell: (row) => showCount(read(row)) }),
    ),
    ...(otherTotal === undefined
      ? [{ head: `cost ${total?.currency ?? ''}`, cell: (row: CostRow) => showAmount(row, digits) }]
      : [{ head: 'cost', cell: (row: CostRow) => `${showAmount(row, digits)} ${row.currency}` }]),
    { head: 'share', cell: (row) => showShare('share' in row ? row.share : undefined) },
  ];
}

const COUNTS: readonly {
  readonly head: string;
  readonly read: (row: CostRow) => number | undefined;
  readonly always?: true;
}[] = [
  { head: 'calls', read: (row) => row.events, always: true },
  { head: 'errors', read: (row) => row.errors },
  { head: 'input', read: (row) => row.usage.inputTokens, always: true },
  { head: 'cached', read: (row) => row.usage.cacheReadTokens },
  { head: 'output', read: (row) => row.usage.outputTokens, always: true },
  { head: 'reasoning', read: (row) => row.usage.reasoningTokens },
  { head: 'unpriced', read: (row) => row.unpriced },
  { head: 'estimated', read: (row) => row.estimated },
];

function showCount(value: number | undefined): string {
  return value === undefined ? '' : COUNT.format(value);
}

const COUNT = new Intl.NumberFormat('en-US', { maximumFractionDigits: 3 });

function showAmount(row: CostRow, digits: number): string {
  const amount = knownAmount(row);
  return amount === undefined ? '?' : roundDecimal(amount, digits);
}

function showShare(share: Decimal | undefined): string {
  return share === undefined ? '' : `${roundDecimal(formatDecimal(multiply(exact(share), HUNDRED)), 1)} %`;
}

const HUNDRED = exact('100');

/** What the reader must know before trusting the figures, and where to look. */
function notes(total: ReportTotal): string[] {
  const { unattributed, currency } = total;
  const lines: string[] = [];
  if (unattributed.events > 0) {
    const amount = knownAmount(unattributed);
    const cost = amount === undefined ? 'unpriced' : part(currency, amount, shareOf(amount, total.amount));
    lines.push(`unattributed: ${calls(unattributed.events)}, ${cost}. See: costspan events --unattributed`);
  }
  if (total.unpriced > 0) {
    lines.push(`unpriced: ${calls(total.unpriced)}, not in the cost. See: costspan events --unpriced`);
  }
  if (total.estimated > 0) {
    const amount = part(currency, total.estimatedAmount, total.estimatedShare);
    lines.push(`estimated: ${calls(total.estimated)} whose provider sent no usage, ${amount}.`);
  }
  return lines;
}

function part(currency: string, amount: Decimal, share: Decimal | undefined): string {
  return `${currency} ${amount}${share === undefined ? '' : ` (${showShare(share)})`}`;
}

function calls(count: number): string {
  return count === 1 ? '1 call' : `${showCount(count)} calls`;
}
