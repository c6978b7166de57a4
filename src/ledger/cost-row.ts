import { ConfigError, describe } from '../base/errors.ts';
import { add, type Exact, formatDecimal, sumDecimals, ZERO } from '../base/decimal.ts';
import type { QuantityName } from '../usage/quantities.ts';
import { type Usage, usageFromJson } from '../usage/usage.ts';
import type { CostQuery, CostRow } from './ledger.ts';

/** What a statement summed for a part of a group; a ledger may ask several. */
export interface RowPart {
  /** A value per dimension of the query. */
  readonly values: readonly (string | null)[];
  /** `null`: events without a known price. */
  readonly currency: string | null;
  readonly events?: number;
  readonly unpriced?: number;
  readonly estimated?: number;
  readonly errors?: number;
  readonly amount?: Exact;
  readonly estimatedAmount?: Exact;
  /** By the quantities' names in JSON. */
  readonly usage?: Readonly<Record<string, number>>;
}

/** Adds up what the statements of a ledger answered, exactly, into the rows of a query. */
export function addParts(parts: Iterable<RowPart>, query: CostQuery): CostRow[] {
  const groups = new Map<string, Group>();
  for (const part of parts) {
    const key = JSON.stringify([part.values, part.currency]);
    let group = groups.get(key);
    if (group === undefined) groups.set(key, (group = new Group(part.values, part.currency)));
    group.add(part);
  }
  const names = query.groupBy ?? [];
  const direction = query.order === 'desc' ? -1 : 1;
  const currency = mainCurrency([...groups.values()]) ?? 'USD';
  const rows = withoutCurrencyless([...groups.values()])
    .sort((a, b) => direction * compareGroups(a, b))
    .map((each) => each.toRow(names, currency));
  const start = query.cursor === undefined ? 0 : placeOf(query.cursor, rows);
  return rows.slice(start, query.limit === undefined ? undefined : start + query.limit);
}

/** Behind the row that a cursor names. */
function placeOf(cursor: string, rows: readonly CostRow[]): number {
  const index = rows.findIndex((row) => row.cursor === cursor);
  if (index >= 0) return index + 1;
  throw new ConfigError(
    `ledger.query: expected 'cursor' to be the cursor of a row of this very query, got ${describe(cursor)}.`,
  );
}

/** A row of nothing, to add others to. */
export function emptyRow(currency: string, group: CostRow['group'] = {}): CostRow {
  return {
    group,
    events: 0,
    usage: {},
    currency,
    amount: '0',
    unpriced: 0,
    estimated: 0,
    estimatedAmount: '0',
    errors: 0,
  };
}

/** The two rows as one, money exactly; group and currency are the first one's. */
export function addRows(a: CostRow, b: CostRow): CostRow {
  return {
    group: a.group,
    currency: a.currency,
    events: a.events + b.events,
    usage: addUsage(a.usage, b.usage),
    amount: sumDecimals([a.amount, b.amount]),
    unpriced: a.unpriced + b.unpriced,
    estimated: a.estimated + b.estimated,
    estimatedAmount: sumDecimals([a.estimatedAmount, b.estimatedAmount]),
    errors: a.errors + b.errors,
  };
}

/** Sums the quantities; what neither side knows stays unknown. */
function addUsage(a: Usage, b: Usage): Usage {
  const { iterations: _, ...sum } = a;
  const result: { -readonly [Name in QuantityName]?: number } = sum;
  for (const name of Object.keys(b) as QuantityName[]) {
    const quantity = b[name];
    if (typeof quantity === 'number') result[name] = (result[name] ?? 0) + quantity;
  }
  return result;
}

class Group {
  readonly values: readonly (string | null)[];
  readonly currency: string | null;
  events = 0;
  #unpriced = 0;
  #estimated = 0;
  #errors = 0;
  #amount: Exact = ZERO;
  #estimatedAmount: Exact = ZERO;
  readonly #usage: Record<string, number> = {};

  constructor(values: readonly (string | null)[], currency: string | null) {
    this.values = values;
    this.currency = currency;
  }

  add(part: RowPart): void {
    const { events = 0, unpriced = 0, estimated = 0, errors = 0, usage = {} } = part;
    this.events += events;
    this.#unpriced += unpriced;
    this.#estimated += estimated;
    this.#errors += errors;
    if (part.amount !== undefined) this.#amount = add(this.#amount, part.amount);
    if (part.estimatedAmount !== undefined)
      this.#estimatedAmount = add(this.#estimatedAmount, part.estimatedAmount);
    for (const [key, quantity] of Object.entries(usage))
      this.#usage[key] = (this.#usage[key] ?? 0) + quantity;
  }

  merge(other: Group): void {
    this.add({
      values: this.values,
      currency: this.currency,
      events: other.events,
      unpriced: other.#unpriced,
      estimated: other.#estimated,
      errors: other.#errors,
      amount: other.#amount,
      estimatedAmount: other.#estimatedAmount,
      usage: other.#usage,
    });
  }

  /** `currency` stands for one that nobody knows. */
  toRow(names: readonly string[], currency: string): CostRow {
    return {
      group: Object.fromEntries(names.map((name, index) => [name, this.values[index] ?? null])),
      events: this.events,
      usage: usageFromJson(this.#usage),
      currency: this.currency ?? currency,
      amount: formatDecimal(this.#amount),
      unpriced: this.#unpriced,
      estimated: this.#estimated,
      estimatedAmount: formatDecimal(this.#estimatedAmount),
      errors: this.#errors,
      cursor: JSON.stringify([...this.values, this.currency]),
    };
  }
}

/** The currency of most calls; that of a group in which nothing has a price is none's own. */
function mainCurrency(groups: readonly Group[]): string | undefined {
  const events = new Map<string, number>();
  for (const { currency, events: count } of groups)
    if (currency !== null) events.set(currency, (events.get(currency) ?? 0) + count);
  return [...events].sort(([, a], [, b]) => b - a)[0]?.[0];
}

/** Unpriced events have no currency; they are counted in the row of their group that has one. */
function withoutCurrencyless(groups: readonly Group[]): Group[] {
  const homes = new Map<string, Group>();
  for (const each of groups) {
    const key = JSON.stringify(each.values);
    const home = homes.get(key);
    if (each.currency !== null && (home === undefined || each.events > home.events)) homes.set(key, each);
  }
  const kept: Group[] = [];
  for (const each of groups) {
    const home = each.currency === null ? homes.get(JSON.stringify(each.values)) : undefined;
    if (home === undefined) kept.push(each);
    else home.merge(each);
  }
  return kept;
}

/** Unknown before known, as SQL sorts. */
function compareGroups(a: Group, b: Group): number {
  for (const [index, value] of a.values.entries()) {
    const other = b.values[index] ?? null;
    if (value !== other) return compareText(value, other);
  }
  return compareText(a.currency, b.currency);
}

function compareText(a: string | null, b: string | null): number {
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? -1 : 1;
  return a < b ? -1 : 1;
}
