import { type Decimal, divide, exact, formatDecimal, roundDecimal, subtract } from '../../base/decimal.ts';
import { known } from '../../base/read.ts';
import { instantOf, localTime, startOf } from '../../base/time-zone.ts';
import type { CostLedger, CostRow, EventFilter } from '../../ledger/ledger.ts';
import { checkZone, type Window } from '../period.ts';

export interface TrendOptions extends Omit<EventFilter, 'start' | 'end'> {
  /** Where days, months and years begin. Default: `UTC`. */
  readonly timeZone?: string;
  /** Default: now. */
  readonly now?: Date;
}

/** What a span of time until now cost, and the one before it that is as long. */
export interface Trend {
  readonly name: '24h' | '7d' | 'mtd' | 'ytd';
  readonly window: Window;
  readonly before: Window;
  readonly currency: string;
  readonly amount: Decimal;
  readonly amountBefore: Decimal;
  readonly events: number;
  readonly eventsBefore: number;
  readonly unpriced: number;
  /** amount ÷ amountBefore − 1, rounded to three digits: `0.250` is a quarter more. Absent where nothing was spent before. */
  readonly change?: Decimal;
}

/**
 * Spend of the last 24 hours, the last 7 days, the month and the year to date, each beside the same span before it: the
 * month to date beside the same days of last month.
 */
export async function trend(
  ledger: Pick<CostLedger, 'query'>,
  options: TrendOptions = {},
): Promise<readonly Trend[]> {
  const { timeZone = 'UTC', now = new Date(), ...filter } = options;
  checkZone('trend', timeZone);
  const trends: Trend[] = [];
  for (const { name, window, before } of spans(now, timeZone)) {
    const [current, previous] = await Promise.all([
      ledger.query({ ...filter, ...window }),
      ledger.query({ ...filter, ...before }),
    ]);
    for (const currency of new Set([...current, ...previous].map((row) => row.currency))) {
      trends.push({
        name,
        window,
        before,
        currency,
        ...compared(rowIn(current, currency), rowIn(previous, currency)),
      });
    }
  }
  return trends;
}

function compared(
  current: CostRow | undefined,
  previous: CostRow | undefined,
): Omit<Trend, 'name' | 'window' | 'before' | 'currency'> {
  const [amount, amountBefore] = [current?.amount ?? '0', previous?.amount ?? '0'];
  const change = divide(subtract(exact(amount), exact(amountBefore)), exact(amountBefore));
  return {
    amount,
    amountBefore,
    events: current?.events ?? 0,
    eventsBefore: previous?.events ?? 0,
    unpriced: current?.unpriced ?? 0,
    ...known({ change: change && roundDecimal(formatDecimal(change), 3) }),
  };
}

function rowIn(rows: readonly CostRow[], currency: string): CostRow | undefined {
  return rows.find((row) => row.currency === currency);
}

const HOUR = 3_600_000;

function spans(now: Date, timeZone: string): { name: Trend['name']; window: Window; before: Window }[] {
  const back = (time: Date, ms: number): Date => new Date(time.getTime() - ms);
  const rolling = (name: Trend['name'], ms: number) => ({
    name,
    window: { start: back(now, ms), end: now },
    before: { start: back(now, 2 * ms), end: back(now, ms) },
  });
  return [
    rolling('24h', 24 * HOUR),
    rolling('7d', 168 * HOUR),
    { name: 'mtd', ...toDate('month', now, timeZone) },
    { name: 'ytd', ...toDate('year', now, timeZone) },
  ];
}

/** The month or year until now, and the same days of the one before. */
export function toDate(
  unit: 'month' | 'year',
  now: Date,
  timeZone: string,
): { readonly window: Window; readonly before: Window } {
  const start = startOf(unit, now, timeZone);
  const { year, month } = localTime(start, timeZone);
  const previous = instantOf(
    unit === 'month' ? { year, month: month - 1, day: 1 } : { year: year - 1, month: 1, day: 1 },
    timeZone,
  );
  // A short month before this one ends with itself.
  const end = new Date(Math.min(previous.getTime() + (now.getTime() - start.getTime()), start.getTime()));
  return { window: { start, end: now }, before: { start: previous, end } };
}
