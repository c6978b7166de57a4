import type { CostRow } from '../ledger/ledger.ts';
import { exact, formatDecimal, multiply, roundDecimal } from '../base/decimal.ts';
import type { Decimal } from '../base/decimal.ts';
import { known } from '../base/read.ts';
import { localTime } from '../base/time-zone.ts';
import { groupLabel } from './labels.ts';
import type { Report, ReportLine, ReportTotal } from './report.ts';
import { knownAmount, shareOf } from './rows.ts';
import { layOut, narrowest } from './table.ts';

/** The report as people read it: a table with totals, then what is missing from the figures. Money is exact. */
export function formatTable(report: Report, width?: number): string {
  const heading = `Cost ${describePeriod(report)}`;
  if (report.totals.length === 0) return `${heading}\n\nNo calls.\n`;
  return [heading, '', table(report, width), '', ...report.totals.flatMap(notes)].join('\n').trimEnd() + '\n';
}

function describePeriod({ period: { start, end }, timeZone }: Report): string {
  if (start === undefined && end === undefined) return 'of all calls';
  const from = start === undefined ? '' : ` from ${showTime(start, timeZone)}`;
  const until = end === undefined ? '' : ` until ${showTime(end, timeZone)}`;
  return `of the calls${from}${until} (${timeZone})`;
}

/** `2026-11-20`, or with the time of day where it is not midnight. */
export function showTime(time: Date, timeZone: string): string {
  const { year, month, day, hour, minute, second } = localTime(time, timeZone);
  const two = (value: number): string => String(value).padStart(2, '0');
  const date = `${year}-${two(month)}-${two(day)}`;
  if (hour + minute + second === 0) return date;
  return `${date} ${two(hour)}:${two(minute)}${second === 0 ? '' : `:${two(second)}`}`;
}

function table(report: Report, width: number | undefined): string {
  const names = report.by.length;
  let columns = numberColumns(report);
  for (const name of width === undefined ? [] : DISPENSABLE) {
    const { head, lines, totals } = cellsOf(report, columns);
    if (narrowest([head, ...lines, ...totals], head.length, names) <= (width ?? 0)) break;
    columns = columns.filter((column) => column.head !== name);
  }
  const { head, lines, totals } = cellsOf(report, columns);
  // Without a dimension the one line is the total already.
  return layOut(head, lines, known({ names, width }), names === 0 ? [] : totals).join('\n');
}

/** What goes first where there is no room for every number; `--json` has it all, and open questions are noted below. */
const DISPENSABLE = ['reasoning', 'cached', 'estimated', 'unpriced', 'share', 'errors', 'input', 'output'];

function cellsOf(
  report: Report,
  columns: readonly Column[],
): { head: string[]; lines: string[][]; totals: string[][] } {
  return {
    head: [...report.by, ...columns.map((column) => column.head)],
    lines: report.lines.map((line) => [
      ...report.by.map((dimension) => groupLabel(line, dimension)),
      ...columns.map(({ cell }) => cell(line)),
    ]),
    totals: report.totals.map((total) => [
      ...report.by.map((_, index) => (index === 0 ? 'total' : '')),
      ...columns.map(({ cell }) => cell(total)),
    ]),
  };
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
