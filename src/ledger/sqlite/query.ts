import type { DatabaseSync, SQLInputValue, SQLOutputValue } from 'node:sqlite';
import { add, type Exact, exact, formatDecimal, ZERO } from '../../pricing/money.ts';
import { usageFromJson } from '../../usage/usage.ts';
import type { CostQuery, CostRow } from '../ledger.ts';
import { AMOUNT_SCALE, USAGE_COLUMNS } from './event-row.ts';
import { dimension, type Sql, UNPRICED, where } from './where.ts';

type Row = Record<string, SQLOutputValue>;

/**
 * Sums the events a query asks for. SQL adds the amounts as integers, split in two so that no sum overflows;
 * the few amounts that do not fit are added here. Nothing is rounded.
 */
export function queryEvents(db: DatabaseSync, query: CostQuery): CostRow[] {
  const names = query.groupBy ?? [];
  const groups = new Map<string, Group>();
  const statements = selectStatements(query);
  const group = (row: Row): Group => {
    const values = names.map((_, index) => textOrNull(row[`d${index}`]));
    const currency = textOrNull(row['cur']);
    const key = JSON.stringify([values, currency]);
    const known = groups.get(key);
    if (known !== undefined) return known;
    const created = new Group(values, currency);
    groups.set(key, created);
    return created;
  };
  for (const row of db.prepare(statements.sums.sql).iterate(...statements.sums.values))
    group(row).addSums(row);
  for (const row of db.prepare(statements.amounts.sql).iterate(...statements.amounts.values))
    group(row).addAmount(exact(String(row['amount'])), row['usage_source'] === 'estimated');
  for (const row of db.prepare(statements.quantities.sql).iterate(...statements.quantities.values))
    group(row).addQuantity(String(row['key']), row['quantity']);
  const rows = withoutCurrencyless([...groups.values()]).map((each) => each.toRow(names));
  return query.limit === undefined ? rows : rows.slice(0, query.limit);
}

function selectStatements(query: CostQuery): Record<'sums' | 'amounts' | 'quantities', Sql> {
  const filter = where(query);
  const dimensions = (query.groupBy ?? []).map(dimension);
  const columns = [...dimensions.map(({ sql }, index) => `${sql} AS d${index}`), 'currency AS cur'].join(
    ', ',
  );
  const groupBy = [...dimensions.map((_, index) => `d${index}`), 'cur'].join(', ');
  const values: SQLInputValue[] = [...dimensions.flatMap((each) => each.values), ...filter.values];
  const and = filter.sql === '' ? 'WHERE' : `${filter.sql} AND`;
  return {
    sums: {
      sql: `SELECT ${columns}, sum(kind = 'usage') AS events, ${SUMS.join(', ')}
        FROM cost_event ${filter.sql} GROUP BY ${groupBy} ORDER BY ${groupBy}`,
      values,
    },
    amounts: {
      sql: `SELECT ${columns}, amount, usage_source FROM cost_event ${and} amount_e15 IS NULL AND amount IS NOT NULL`,
      values,
    },
    quantities: {
      sql: `SELECT ${columns}, other.key AS key, sum(other.value) AS quantity
        FROM cost_event, json_each(cost_event.other_usage) AS other ${and} other_usage IS NOT NULL
        GROUP BY ${groupBy}, other.key`,
      values,
    },
  };
}

/** An amount's integer may use all 64 bits, so whole units and the rest are added apart. */
const UNIT = 10n ** BigInt(AMOUNT_SCALE);

const SUMS: readonly string[] = [
  ...split('amount', 'amount_e15'),
  ...split('estimated', `CASE WHEN usage_source = 'estimated' THEN amount_e15 END`),
  `sum(${UNPRICED}) AS unpriced`,
  `sum(usage_source = 'estimated') AS estimated`,
  `sum(status = 'error') AS errors`,
  ...USAGE_COLUMNS.map((column) => `sum(${column}) AS ${column}`),
];

function split(name: string, value: string): string[] {
  return [
    `CAST(sum((${value}) / ${UNIT}) AS TEXT) AS ${name}_whole`,
    `CAST(sum((${value}) % ${UNIT}) AS TEXT) AS ${name}_rest`,
  ];
}

class Group {
  readonly values: readonly (string | null)[];
  currency: string | null;
  events = 0;
  unpriced = 0;
  #estimated = 0;
  #errors = 0;
  #amount: Exact = ZERO;
  #estimatedAmount: Exact = ZERO;
  readonly #usage: Record<string, number> = {};

  constructor(values: readonly (string | null)[], currency: string | null) {
    this.values = values;
    this.currency = currency;
  }

  addSums(row: Row): void {
    this.events += Number(row['events']);
    this.unpriced += Number(row['unpriced']);
    this.#estimated += Number(row['estimated']);
    this.#errors += Number(row['errors']);
    this.#amount = add(this.#amount, joined(row, 'amount'));
    this.#estimatedAmount = add(this.#estimatedAmount, joined(row, 'estimated'));
    for (const column of USAGE_COLUMNS) this.addQuantity(column, row[column]);
  }

  addAmount(amount: Exact, estimated: boolean): void {
    this.#amount = add(this.#amount, amount);
    if (estimated) this.#estimatedAmount = add(this.#estimatedAmount, amount);
  }

  addQuantity(key: string, quantity: unknown): void {
    if (typeof quantity === 'number') this.#usage[key] = (this.#usage[key] ?? 0) + quantity;
  }

  merge(other: Group): void {
    this.events += other.events;
    this.unpriced += other.unpriced;
    this.#estimated += other.#estimated;
    this.#errors += other.#errors;
    this.#amount = add(this.#amount, other.#amount);
    this.#estimatedAmount = add(this.#estimatedAmount, other.#estimatedAmount);
    for (const [key, quantity] of Object.entries(other.#usage)) this.addQuantity(key, quantity);
  }

  toRow(names: readonly string[]): CostRow {
    return {
      group: Object.fromEntries(names.map((name, index) => [name, this.values[index] ?? null])),
      events: this.events,
      usage: usageFromJson(this.#usage),
      currency: this.currency ?? 'USD',
      amount: formatDecimal(this.#amount),
      unpriced: this.unpriced,
      estimated: this.#estimated,
      estimatedAmount: formatDecimal(this.#estimatedAmount),
      errors: this.#errors,
    };
  }
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

function joined(row: Row, name: string): Exact {
  const whole = BigInt(textOrNull(row[`${name}_whole`]) ?? '0');
  const rest = BigInt(textOrNull(row[`${name}_rest`]) ?? '0');
  return { digits: whole * UNIT + rest, scale: AMOUNT_SCALE };
}

function textOrNull(value: SQLOutputValue | undefined): string | null {
  return value === null || value === undefined ? null : String(value);
}
