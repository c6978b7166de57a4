import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { JsonObject } from '../../base/read.ts';
import { DIMENSION_COLUMNS, USAGE_COLUMNS } from '../event-row.ts';
import { DAY, HOUR } from '../time-buckets.ts';
import { UNIT } from './amount.ts';
import { type Closed, CLOSED, closedUntil, isClosed, NOTHING_CLOSED } from './closed-hours.ts';
import { LEVEL, type Level, ofCustomer, withoutCustomer } from './levels.ts';

/** What an event adds to the sums of its hour and day. */
export interface Addition {
  readonly seq: number;
  readonly dim: number;
  readonly time: number;
  readonly context: JsonObject | null;
  readonly events: number;
  readonly unpriced: number;
  readonly units: number | bigint | null;
  readonly usage: readonly (number | null)[];
  readonly otherUsage: Readonly<Record<string, number>> | null;
}

/** Sums of one hour or day and one slice. */
interface Sums {
  readonly start: number;
  readonly slice: number;
  events: number;
  unpriced: number;
  units: bigint;
  readonly usage: (number | null)[];
  readonly others: Map<string, number>;
}

/** Where a slice is summed again. */
interface Coarse {
  readonly all: number;
  readonly customer: number;
}

/** Sums on their way to the coarser levels, each once. */
class Gathered {
  readonly #sums: Map<string, readonly [Level, Sums]> = new Map();

  add(level: Level, start: number, slice: number, sums: Sums): void {
    const key = `${level} ${start} ${slice}`;
    const [, known] = this.#sums.get(key) ?? [];
    if (known !== undefined) merge(known, sums);
    else
      this.#sums.set(key, [
        level,
        { ...sums, start, slice, others: new Map(sums.others), usage: [...sums.usage] },
      ]);
  }

  entries(): Iterable<readonly [Level, Sums]> {
    return this.#sums.values();
  }
}

/**
 * Keeps the sums per hour and day. What is added between `begin` and `flush` is gathered first, so that a batch of
 * events of one customer costs one row; both run in the transaction that keeps the events.
 */
export class RollUps {
  readonly #db: DatabaseSync;
  readonly #settings: StatementSync;
  readonly #add: StatementSync;
  readonly #addQuantity: StatementSync;
  readonly #findSlice: StatementSync;
  readonly #addSlice: StatementSync;
  readonly #facts: StatementSync;
  readonly #findDimension: StatementSync;
  readonly #addDimension: StatementSync;
  readonly #slices: Map<string, number> = new Map();
  readonly #coarse: Map<number, Coarse> = new Map();
  readonly #hours: Map<number, Sums> = new Map();
  #settingsText = '';
  #context: readonly string[] = [];
  #from = 0;
  #to = 0;
  #closed: Closed = NOTHING_CLOSED;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#settings = db.prepare(
      `SELECT group_concat(name || '=' || value, char(10) ORDER BY name) AS text,
        (SELECT value FROM setting WHERE name = '${CLOSED}') AS closed
      FROM setting WHERE name LIKE 'roll_up_%' AND name <> '${CLOSED}'`,
    );
    this.#add = db.prepare(ADD);
    this.#addQuantity = db.prepare(ADD_QUANTITY);
    this.#findSlice = db.prepare('SELECT slice FROM slice WHERE dim = ? AND context = ?');
    this.#addSlice = db.prepare('INSERT INTO slice (dim, context) VALUES (?, ?)');
    const dimensions = DIMENSION_COLUMNS.join(', ');
    this.#facts = db.prepare(
      `SELECT context, ${dimensions} FROM slice JOIN dimension USING (dim) WHERE slice = ?`,
    );
    this.#findDimension = db.prepare('SELECT dim FROM dimension WHERE fingerprint = ?');
    this.#addDimension = db.prepare(`INSERT INTO dimension (fingerprint, ${dimensions})
      VALUES (?, ${DIMENSION_COLUMNS.map(() => '?').join(', ')})`);
  }

  /** Reads how the file wants its sums; another process may have changed that. */
  begin(): void {
    this.#hours.clear();
    const { text: found, closed } = this.#settings.get() ?? {};
    this.#closed = closedUntil(closed);
    const text = String(found ?? '');
    if (text === this.#settingsText) return;
    const settings = Object.fromEntries(text.split('\n').map((line) => line.split(/=(.*)/s).slice(0, 2)));
    this.#context = JSON.parse(settings.roll_up_context ?? '[]') as string[];
    this.#from = Number(settings.roll_up_from ?? 0);
    this.#to = Number(settings.roll_up_to ?? 0);
    this.#settingsText = text;
    this.#slices.clear();
    this.#coarse.clear();
  }

  /** Whether the sums hold the event, or will once it is written; after a rebuild began older ones come later. */
  holds(seq: number): boolean {
    return seq <= this.#from || seq > this.#to;
  }

  add({ dim, time, context, events, unpriced, units, usage, otherUsage }: Addition): void {
    const slice = this.#sliceOf(dim, context);
    const start = Math.floor(time / HOUR);
    const key = start * 2 ** 32 + slice;
    let sums = this.#hours.get(key);
    if (sums === undefined) {
      sums = emptySums(start * HOUR, slice);
      this.#hours.set(key, sums);
    }
    sums.events += events;
    sums.unpriced += unpriced;
    if (units !== null) sums.units += BigInt(units);
    for (const [index, quantity] of usage.entries()) addTo(sums.usage, index, quantity);
    if (otherUsage === null) return;
    for (const [name, quantity] of Object.entries(otherUsage))
      sums.others.set(name, (sums.others.get(name) ?? 0) + quantity);
  }

  /** Writes what was gathered. */
  flush(): void {
    const coarser = new Gathered();
    for (const sums of this.#hours.values()) {
      this.#write(LEVEL.hour, sums);
      coarser.add(LEVEL.day, Math.floor(sums.start / DAY) * DAY, sums.slice, sums);
      if (isClosed(this.#closed, sums)) this.#addCoarsely(sums, coarser);
    }
    for (const [level, sums] of coarser.entries()) this.#write(level, sums);
    this.#hours.clear();
  }

  /** After a transaction was rolled back: what it had made is gone. */
  forget(): void {
    this.#slices.clear();
    this.#coarse.clear();
    this.#hours.clear();
    this.#settingsText = '';
  }

  #write(level: Level, { start, slice, events, unpriced, units, usage, others }: Sums): void {
    this.#add.run(level, start, slice, events, unpriced, units / UNIT, units % UNIT, ...usage);
    for (const [name, quantity] of others) this.#addQuantity.run(level, start, slice, name, quantity);
  }

  /**
   * Sums the next hours that are over coarsely, too; `false` when there is nothing left to do. So a call adds to the sums
   * of its own slice alone, unless it comes hours late.
   */
  closeHours(until: number): boolean {
    this.begin();
    const { start, slice } = this.#closed;
    const rows = this.#db.prepare(ROWS).all(start, slice, until, STEP);
    if (rows.length === 0) return false;
    const coarser = new Gathered();
    const quantities = this.#db.prepare(QUANTITIES);
    for (const row of rows) {
      const found = quantities.all(Number(row.start), Number(row.slice));
      this.#addCoarsely(sumsOfRow(row, found), coarser);
    }
    for (const [level, sums] of coarser.entries()) this.#write(level, sums);
    const last = rows.length < STEP ? undefined : rows.at(-1);
    const closed = last === undefined ? `${until} -1` : [Number(last.start), Number(last.slice)].join(' ');
    this.#db.prepare('INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)').run(CLOSED, closed);
    return last !== undefined;
  }

  #addCoarsely(sums: Sums, coarser: Gathered): void {
    const { all, customer } = this.#coarseOf(sums.slice);
    const day = Math.floor(sums.start / DAY) * DAY;
    coarser.add(LEVEL.hourOfAll, sums.start, all, sums);
    coarser.add(LEVEL.dayOfAll, day, all, sums);
    coarser.add(LEVEL.dayOfCustomer, day, customer, sums);
  }

  /** The slices of the coarser levels that a slice belongs to. */
  #coarseOf(slice: number): Coarse {
    const known = this.#coarse.get(slice);
    if (known !== undefined) return known;
    const facts: Readonly<Record<string, unknown>> = this.#facts.get(slice) ?? {};
    const dimensions = DIMENSION_COLUMNS.map((name) =>
      typeof facts[name] === 'string' ? facts[name] : null,
    );
    const coarse = {
      all: this.#sliceNamed(this.#dimensionOf(withoutCustomer(dimensions)), String(facts.context)),
      customer: this.#sliceNamed(this.#dimensionOf(ofCustomer(dimensions)), '{}'),
    };
    if (this.#coarse.size >= MAX_REMEMBERED) this.#coarse.clear();
    this.#coarse.set(slice, coarse);
    return coarse;
  }

  #dimensionOf(dimensions: readonly (string | null)[]): number {
    const fingerprint = JSON.stringify(dimensions);
    const found = this.#findDimension.get(fingerprint)?.dim;
    return Number(found ?? this.#addDimension.run(fingerprint, ...dimensions).lastInsertRowid);
  }

  #sliceOf(dim: number, context: JsonObject | null): number {
    return this.#sliceNamed(dim, context === null ? '{}' : namedContext(context, this.#context));
  }

  #sliceNamed(dim: number, named: string): number {
    const key = named === '{}' ? String(dim) : `${dim} ${named}`;
    const known = this.#slices.get(key);
    if (known !== undefined) return known;
    const found = this.#findSlice.get(dim, named)?.slice;
    const slice = typeof found === 'number' ? found : Number(this.#addSlice.run(dim, named).lastInsertRowid);
    if (this.#slices.size >= MAX_REMEMBERED) this.#slices.clear();
    this.#slices.set(key, slice);
    return slice;
  }

  /** The context entries that the sums are kept by. */
  get context(): readonly string[] {
    return this.#context;
  }

  get database(): DatabaseSync {
    return this.#db;
  }
}

export const MAX_REMEMBERED = 20_000;
/** Rows summed in one go: a few milliseconds. */
const STEP = 150;

const ROWS = `SELECT start, slice, events, unpriced, CAST(amount_whole AS TEXT) AS whole, CAST(amount_rest AS TEXT) AS rest,
    ${USAGE_COLUMNS.join(', ')} FROM roll_up
  WHERE days = ${LEVEL.hour} AND (start, slice) > (?, ?) AND start < ? ORDER BY start, slice LIMIT ?`;
const QUANTITIES = `SELECT quantity, sum FROM roll_up_quantity WHERE days = ${LEVEL.hour} AND start = ? AND slice = ?`;

function sumsOfRow(
  row: Readonly<Record<string, unknown>>,
  quantities: readonly Readonly<Record<string, unknown>>[],
): Sums {
  return {
    start: Number(row.start),
    slice: Number(row.slice),
    events: Number(row.events),
    unpriced: Number(row.unpriced),
    units: BigInt(String(row.whole)) * UNIT + BigInt(String(row.rest)),
    usage: USAGE_COLUMNS.map((name) => (typeof row[name] === 'number' ? row[name] : null)),
    others: new Map(quantities.map(({ quantity, sum }) => [String(quantity), Number(sum)])),
  };
}

const ADD = `INSERT INTO roll_up (days, start, slice, events, unpriced, amount_whole, amount_rest, ${USAGE_COLUMNS.join(', ')})
  VALUES (?, ?, ?, ?, ?, ?, ?, ${USAGE_COLUMNS.map(() => '?').join(', ')})
  ON CONFLICT (days, start, slice) DO UPDATE SET events = events + excluded.events,
    unpriced = unpriced + excluded.unpriced,
    amount_whole = amount_whole + excluded.amount_whole + (amount_rest + excluded.amount_rest) / ${UNIT},
    amount_rest = (amount_rest + excluded.amount_rest) % ${UNIT},
    ${USAGE_COLUMNS.map((name) => `${name} = coalesce(${name} + excluded.${name}, ${name}, excluded.${name})`).join(', ')}`;

const ADD_QUANTITY = `INSERT INTO roll_up_quantity (days, start, slice, quantity, sum) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (days, start, slice, quantity) DO UPDATE SET sum = sum + excluded.sum`;

/** The named entries as JSON text in the order of their names, so that one set has one text. */
function namedContext(context: JsonObject, names: readonly string[]): string {
  const entries = names.flatMap((name) => {
    const value = context[name];
    return value === undefined || value === null ? [] : [[name, contextText(value)]];
  });
  return entries.length === 0 ? '{}' : JSON.stringify(Object.fromEntries(entries));
}

/** A context value as filters and groups see it. */
export function contextText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

function emptySums(start: number, slice: number): Sums {
  return {
    start,
    slice,
    events: 0,
    unpriced: 0,
    units: 0n,
    usage: USAGE_COLUMNS.map(() => null),
    others: new Map(),
  };
}

function addTo(sums: (number | null)[], index: number, quantity: number | null): void {
  if (quantity !== null) sums[index] = (sums[index] ?? 0) + quantity;
}

function merge(into: Sums, from: Sums): void {
  into.events += from.events;
  into.unpriced += from.unpriced;
  into.units += from.units;
  for (const [index, quantity] of from.usage.entries()) addTo(into.usage, index, quantity);
  for (const [name, quantity] of from.others) into.others.set(name, (into.others.get(name) ?? 0) + quantity);
}
