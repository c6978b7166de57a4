import { date, type KindsOf, listOf, optionsOf, record, text } from '../base/options.ts';
import { known } from '../base/read.ts';
import { startOf, startOfNext } from '../base/time-zone.ts';
import type { CostLedger, EventFilter } from '../ledger/ledger.ts';
import type { CostEvent } from '../metering/cost-event.ts';
import { toCsv } from './csv.ts';
import { FOCUS_COLUMNS, FocusRows } from './focus-rows.ts';
import { lastMonth, month, monthWindow, timeZone as zone } from './period.ts';

export interface FocusOptions {
  /** `2026-11`. Default: the month before this one, unless `start` and `end` say otherwise. */
  readonly month?: string;
  readonly start?: Date;
  readonly end?: Date;
  /** Where days and months begin; the file itself is in UTC. Default: `UTC`. */
  readonly timeZone?: string;
  /** Context entries that become `Tags`. Default: `feature`, `project`, `team`, `environment`. */
  readonly tags?: readonly string[];
  /** Account at the provider, where all its calls are billed. Default: the provider's name. */
  readonly billingAccount?: string;
  /** Which calls. Default: all. */
  readonly filter?: Omit<EventFilter, 'start' | 'end'>;
  /** Default: now; tests pass their own. */
  readonly now?: Date;
}

const OPTIONS: KindsOf<FocusOptions> = {
  month,
  start: date,
  end: date,
  timeZone: zone,
  tags: listOf(text),
  billingAccount: text,
  filter: record,
  now: date,
};

const DEFAULT_TAGS = ['feature', 'project', 'team', 'environment'];

/**
 * Costs as FOCUS rows (FinOps Open Cost and Usage Specification, the columns of 1.0 and those of 1.2 that fit): one per
 * day, customer, model, token class and price. Money is exact; the sum of `BilledCost` is the sum of the events. Calls
 * without a known price have no row: FOCUS has no way to say "unknown".
 *
 * @throws {ConfigError} for a wrong option.
 * @example
 * writeFileSync('focus.csv', await focusCsv(ledger, { month: '2026-11' }));
 */
export async function focusCsv(
  ledger: Pick<CostLedger, 'events'>,
  options: FocusOptions = {},
): Promise<string> {
  const parts: string[] = [];
  for await (const part of focusLines(ledger, options)) parts.push(part);
  return parts.join('');
}

/** The same piece by piece, a day at a time, for files that are larger than memory. `hear` is told every event. */
export async function* focusLines(
  ledger: Pick<CostLedger, 'events'>,
  options: FocusOptions = {},
  hear: (event: CostEvent) => void = () => {},
): AsyncIterable<string> {
  const { timeZone, tags, billingAccount, filter } = checked(options);
  yield toCsv([], FOCUS_COLUMNS);
  let rows: FocusRows | undefined;
  for await (const event of ledger.events(filter)) {
    hear(event);
    const { timestamp } = event;
    if (rows === undefined || timestamp < rows.day.start || timestamp >= rows.day.end) {
      if (rows !== undefined) yield* rows.csv();
      const day = {
        start: startOf('day', timestamp, timeZone),
        end: startOfNext('day', timestamp, timeZone),
      };
      rows = new FocusRows({ day, timeZone, billingAccount }, tags);
    }
    rows.add(event);
  }
  if (rows !== undefined) yield* rows.csv();
}

function checked(options: FocusOptions): {
  timeZone: string;
  tags: readonly string[];
  billingAccount: string | undefined;
  filter: EventFilter;
} {
  optionsOf('focusCsv', options, OPTIONS);
  const { timeZone = 'UTC', tags = DEFAULT_TAGS, billingAccount, start, end, now = new Date() } = options;
  const isOpen = options.month === undefined && (start !== undefined || end !== undefined);
  const filter = isOpen
    ? known({ start, end })
    : monthWindow(options.month ?? lastMonth(now, timeZone), timeZone);
  return { timeZone, tags, billingAccount, filter: { ...options.filter, ...filter } };
}
