import { ConfigError, describe } from '../base/errors.ts';
import { date, type KindsOf, optionsOf, record as anyRecord, text } from '../base/options.ts';
import type { CostLedger, CostRow, Dimension, EventFilter } from '../ledger/ledger.ts';
import { type CsvValue, toCsv } from './csv.ts';
import { inZone, lastMonth, month, monthWindow, timeZone } from './period.ts';

export interface AccountingOptions {
  /** `2026-11`. Default: the month before this one. */
  readonly month?: string;
  /** Where days and months begin. Default: `UTC`. */
  readonly timeZone?: string;
  /** The context entry in the column `Project`. Default: `project`. */
  readonly project?: string;
  /** The currency of the column `Cost`. Default: the only one there is. */
  readonly currency?: string;
  /** Which calls. Default: all. */
  readonly filter?: Omit<EventFilter, 'start' | 'end'>;
  /** Default: now; tests pass their own. */
  readonly now?: Date;
}

const OPTIONS: KindsOf<AccountingOptions> = {
  month,
  timeZone,
  project: text,
  currency: text,
  filter: anyRecord,
  now: date,
};

/** The columns, in this order and under these names for ever. */
export const ACCOUNTING_COLUMNS = [
  'Date',
  'Client_ID',
  'Service',
  'Model',
  'Calls',
  'Tokens',
  'Cost',
  'Project',
] as const;

/** Who pays for calls without a customer. A customer of this very name is written with an apostrophe before it. */
const UNASSIGNED = 'unassigned';
const WORDS: ReadonlySet<string> = new Set([UNASSIGNED]);

/**
 * A month for accounting: one line per day, customer, provider, model and project, with the exact cost; no totals. The
 * costs add up to those of the month's events, to the last digit. Calls whose price is unknown have lines of their own
 * with an empty `Cost`.
 *
 * @throws {ConfigError} for a wrong option, and where the month has costs in several currencies and none was chosen.
 * @example
 * writeFileSync('2026-11.csv', await accountingCsv(ledger, { month: '2026-11', timeZone: 'Europe/Berlin' }));
 */
export async function accountingCsv(
  ledger: Pick<CostLedger, 'query'>,
  options: AccountingOptions = {},
): Promise<string> {
  const checked = optionsOf('accountingCsv', options, OPTIONS);
  const { timeZone: zone = 'UTC', project = 'project', now = new Date() } = checked;
  const window = monthWindow(checked.month ?? lastMonth(now, zone), zone);
  const place: Dimension = `context.${project}`;
  const groupBy: readonly Dimension[] = ['day', 'customer', 'provider', 'model', place];
  const query = (filter: EventFilter): Promise<readonly CostRow[]> =>
    ledger.query(inZone({ ...checked.filter, ...window, ...filter, groupBy }, zone));
  const all = inCurrency(await query({}), checked.currency);
  const unpriced = new Map((await query({ unpriced: true })).map((row) => [keyOf(row), row]));
  const records = all.flatMap((row) => {
    const without = row.unpriced === 0 ? undefined : unpriced.get(keyOf(row));
    const calls = row.events - (without?.events ?? 0);
    const tokens = tokensOf(row) - (without === undefined ? 0 : tokensOf(without));
    return [
      ...(calls > 0 || row.amount !== '0' ? [record(row, place, calls, tokens, row.amount)] : []),
      ...(without === undefined ? [] : [record(row, place, without.events, tokensOf(without), '')]),
    ];
  });
  return toCsv(records.sort(byText), ACCOUNTING_COLUMNS, WORDS);
}

function record(row: CostRow, place: string, calls: number, tokens: number, cost: string): CsvValue[] {
  const { day, customer, provider, model } = row.group;
  return [day, customer ?? { word: UNASSIGNED }, provider, model, calls, tokens, cost, row.group[place]];
}

function tokensOf({ usage }: CostRow): number {
  return usage.totalTokens ?? (usage.inputTokens ?? 0) + (usage.outputTokens ?? 0);
}

function keyOf({ group }: CostRow): string {
  return JSON.stringify(group);
}

function inCurrency(rows: readonly CostRow[], currency: string | undefined): readonly CostRow[] {
  const found = [...new Set(rows.filter(({ amount }) => amount !== '0').map((row) => row.currency))].sort();
  if (currency === undefined && found.length > 1)
    throw new ConfigError(
      `accountingCsv: the month has costs in ${found.join(' and ')}, and the column Cost has room for one. Choose: { currency: ${describe(found[0])} }.`,
    );
  const chosen = currency ?? found[0];
  return chosen === undefined ? rows : rows.filter((row) => row.currency === chosen);
}

function byText(a: readonly CsvValue[], b: readonly CsvValue[]): number {
  const [left, right] = [JSON.stringify(a), JSON.stringify(b)];
  return left === right ? 0 : left < right ? -1 : 1;
}
