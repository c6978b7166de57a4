import {
  type CostLedger,
  type CostRow,
  type Dimension,
  type EventFilter,
  TIME_DIMENSIONS,
} from '../ledger/ledger.ts';
import { compare, type Exact, exact, sum } from '../base/decimal.ts';
import type { Decimal } from '../base/decimal.ts';
import { known } from '../base/read.ts';
import { checkZone, inZone } from './period.ts';
import { addRows, emptyRow } from '../ledger/cost-row.ts';
import { knownAmount, shareOf } from './rows.ts';

/** Spend of a period, grouped, with its totals and the open questions a reader must know of. */
export interface Report {
  readonly period: Period;
  /** In which the period is shown and times are grouped. */
  readonly timeZone: string;
  readonly by: readonly Dimension[];
  /** Largest spend first, times in order, what nobody was named for last. One line per group and currency. */
  readonly lines: readonly ReportLine[];
  /** One per currency; money of two currencies is never added. */
  readonly totals: readonly ReportTotal[];
}

/** `[start, end)`; an absent side is open. */
export type Period = Pick<EventFilter, 'start' | 'end'>;

/** One group of the report. */
export interface ReportLine extends CostRow {
  /** Nobody was named for these calls. Only a report by customer tells; elsewhere always false. */
  readonly unattributed: boolean;
  /** The line's part of its currency's total, `0.423`, rounded to three digits; absent when unknown. */
  readonly share?: Decimal;
}

/** Everything in one currency. */
export interface ReportTotal extends CostRow {
  /** The part of it that nobody was named for. */
  readonly unattributed: CostRow;
  /** The part of the amount that rests on estimated usage, rounded to three digits; absent when the amount is 0. */
  readonly estimatedShare?: Decimal;
}

/** What a report is about: a period and any filter of the ledger's, and how it is grouped. */
export interface ReportOptions extends EventFilter {
  /** Default: `['customer']`. */
  readonly by?: readonly Dimension[];
  /** Where hours, days, weeks and months begin: `Europe/Berlin`. Default: `UTC`. */
  readonly timeZone?: string;
}

/**
 * Asks a ledger what a period cost.
 *
 * @throws {ConfigError} for an unknown filter, dimension or time zone.
 * @example
 * const { totals, lines } = await report(ledger, { by: ['customer'], start: new Date('2026-11-01'), timeZone: 'Europe/Berlin' });
 */
export async function report(
  ledger: Pick<CostLedger, 'query'>,
  options: ReportOptions = {},
): Promise<Report> {
  const { by = ['customer'], timeZone = 'UTC', ...filter } = options;
  checkZone('report', timeZone);
  // A customer of `null` is "nobody" or "nobody said"; where the attribution came from tells which.
  const groupBy = by.includes('customer') ? [...new Set<Dimension>([...by, 'attribution_source'])] : by;
  const rows = await ledger.query(inZone({ ...filter, groupBy }, timeZone));
  const unattributed = await ledger.query({ ...filter, unattributed: true });
  const period = known({ start: filter.start, end: filter.end });
  return createReport(rows, { by, period, timeZone, unattributed });
}

/** Turns the rows of a ledger into a report. `unattributed` are the sums over what nobody was named for. */
export function createReport(
  rows: readonly CostRow[],
  options: {
    readonly by: readonly Dimension[];
    readonly period?: Period;
    readonly timeZone?: string;
    readonly unattributed?: readonly CostRow[];
  },
): Report {
  const { by, period = {}, timeZone = 'UTC', unattributed = [] } = options;
  const totals = createTotals(rows, unattributed);
  const lines = merge(rows, by).map((line) => ({ ...line, ...share(line, totals) }));
  return { period, timeZone, by, lines: inOrder(lines, by), totals };
}

/** Adds up rows that differ only in what the report does not show. */
function merge(rows: readonly CostRow[], by: readonly Dimension[]): Omit<ReportLine, 'share'>[] {
  const lines = new Map<string, Omit<ReportLine, 'share'>>();
  for (const row of rows) {
    const unattributed = by.includes('customer') && isUnattributed(row);
    const values = by.map((dimension) => row.group[dimension] ?? null);
    const key = JSON.stringify([row.currency, unattributed, ...values]);
    const group = Object.fromEntries(by.map((dimension, index) => [dimension, values[index] ?? null]));
    const line = lines.get(key) ?? { ...emptyRow(row.currency, group), unattributed };
    lines.set(key, { ...addRows(line, row), group, unattributed });
  }
  return [...lines.values()];
}

function isUnattributed({ group }: CostRow): boolean {
  return (group.customer ?? null) === null && (group.attribution_source ?? null) === null;
}

function createTotals(rows: readonly CostRow[], unattributed: readonly CostRow[]): ReportTotal[] {
  return [...Map.groupBy(rows, ({ currency }) => currency)]
    .map(([currency, members]) => {
      const total = members.reduce(addRows, emptyRow(currency));
      return {
        ...total,
        ...known({ estimatedShare: shareOf(total.estimatedAmount, total.amount) }),
        unattributed: unattributed.find((row) => row.currency === currency) ?? emptyRow(currency),
      };
    })
    .sort((a, b) => compareText(a.currency, b.currency));
}

function share(line: CostRow, totals: readonly ReportTotal[]): { share?: Decimal } {
  const total = totals.find(({ currency }) => currency === line.currency);
  const amount = knownAmount(line);
  return known({ share: amount && total && shareOf(amount, total.amount) });
}

/** Sorts group by group, so that the lines of one customer stand together. */
function inOrder(lines: readonly ReportLine[], by: readonly Dimension[]): ReportLine[] {
  const [dimension, ...rest] = by;
  if (dimension === undefined) return lines.toSorted((a, b) => compareText(a.currency, b.currency));
  const groups = Map.groupBy(lines, (line) => JSON.stringify([line.unattributed, line.group[dimension]]));
  return [...groups.values()]
    .map((members) => groupOf(members, dimension))
    .sort((a, b) => a.rank - b.rank || compareGroups(a, b, dimension))
    .flatMap(({ members }) => inOrder(members, rest));
}

/** Lines with the same value of a dimension, and what decides their place. */
interface Group {
  readonly members: readonly ReportLine[];
  readonly name: string;
  /** Named groups first, then those without a value, then what nobody was named for. */
  readonly rank: 0 | 1 | 2;
  readonly events: number;
  /** Only for the order, so currencies may mix. */
  readonly amount: Exact;
}

function groupOf(members: readonly ReportLine[], dimension: Dimension): Group {
  const [first] = members;
  const name = first?.group[dimension] ?? null;
  return {
    members,
    name: name ?? '',
    rank: name !== null ? 0 : first?.unattributed === true ? 2 : 1,
    events: members.reduce((events, line) => events + line.events, 0),
    amount: sum(members.map((line) => exact(line.amount))),
  };
}

/** Times in order; everything else by spend, then calls, then name. */
function compareGroups(a: Group, b: Group, dimension: Dimension): number {
  const byName = compareText(a.name, b.name);
  if (TIMES.has(dimension)) return byName;
  return compare(b.amount, a.amount) || b.events - a.events || byName;
}

const TIMES: ReadonlySet<string> = new Set(TIME_DIMENSIONS);

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
