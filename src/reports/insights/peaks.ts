import { compare, type Decimal, exact, sumDecimals } from '../../base/decimal.ts';
import type { CostLedger, EventFilter } from '../../ledger/ledger.ts';
import { inZone } from '../period.ts';

export interface PeakOptions extends EventFilter {
  /** Default: `UTC`. */
  readonly timeZone?: string;
  /** Default: `hour`. */
  readonly unit?: 'hour' | 'day';
  /** How many. Default: 10. */
  readonly top?: number;
}

export interface Peak {
  /** When it began, as the ledger names it. */
  readonly time: string;
  readonly currency: string;
  readonly amount: Decimal;
  readonly events: number;
}

/** The hours or days that cost most, the dearest first. */
export async function peaks(
  ledger: Pick<CostLedger, 'query'>,
  options: PeakOptions = {},
): Promise<readonly Peak[]> {
  const { timeZone = 'UTC', unit = 'hour', top = 10, ...filter } = options;
  const rows = await ledger.query(inZone({ ...filter, groupBy: [unit] }, timeZone));
  return rows
    .map(({ group, currency, amount, events }) => ({ time: group[unit] ?? '', currency, amount, events }))
    .sort((a, b) => compare(exact(b.amount), exact(a.amount)) || (a.time < b.time ? -1 : 1))
    .slice(0, top);
}

/** One hour of the week. */
export interface WeekHour {
  /** 0 is Monday. */
  readonly weekday: number;
  readonly hour: number;
  readonly currency: string;
  readonly amount: Decimal;
  readonly events: number;
}

/** Spend by hour of the day and day of the week, where the clocks are: when the load comes. Hours without calls are left out. */
export async function weekHours(
  ledger: Pick<CostLedger, 'query'>,
  options: Omit<PeakOptions, 'unit' | 'top'> = {},
): Promise<readonly WeekHour[]> {
  const { timeZone = 'UTC', ...filter } = options;
  const rows = await ledger.query(inZone({ ...filter, groupBy: ['hour'] as const }, timeZone));
  const cells = new Map<string, WeekHour>();
  for (const { group, currency, amount, events } of rows) {
    // `2026-11-20T10:00+01:00`: the clock's own hour, whatever its offset.
    const [, day = '', hour = ''] = /^(\d{4}-\d\d-\d\d)T(\d\d)/.exec(group.hour ?? '') ?? [];
    if (day === '') continue;
    const weekday = (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;
    const key = `${weekday}/${hour}/${currency}`;
    const cell = cells.get(key);
    cells.set(key, {
      weekday,
      hour: Number(hour),
      currency,
      amount: sumDecimals([cell?.amount ?? '0', amount]),
      events: (cell?.events ?? 0) + events,
    });
  }
  return [...cells.values()].sort(
    (a, b) => a.weekday - b.weekday || a.hour - b.hour || (a.currency < b.currency ? -1 : 1),
  );
}
