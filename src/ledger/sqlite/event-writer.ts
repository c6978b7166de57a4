import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { CostEvent } from '../../metering/cost-event.ts';
import { DIMENSION_COLUMNS, type EventRow, eventToRow, USAGE_COLUMNS } from '../event-row.ts';
import { transaction } from '../transaction.ts';
import { amountUnits } from './amount.ts';
import { isRowError } from './errors.ts';
import { MAX_REMEMBERED, RollUps } from './roll-up.ts';

const COLUMNS = [
  'id',
  'dim',
  'shared',
  'adjusts',
  'time',
  'kept_at',
  'amount',
  'amount_e15',
  ...USAGE_COLUMNS,
  'other_usage',
  'context',
  'response_id',
  'trace_id',
  'details',
] as const;

const UNPRICED = `(SELECT cost_status = 'unpriced' AND kind = 'usage' FROM dimension d WHERE d.dim = e.dim)`;

/** Writes events into one open database: rows, and the sums over them. */
export class EventWriter {
  readonly #db: DatabaseSync;
  readonly #rollUps: RollUps;
  readonly #insert: StatementSync;
  readonly #findDimension: StatementSync;
  readonly #addDimension: StatementSync;
  readonly #findShared: StatementSync;
  readonly #addShared: StatementSync;
  readonly #corrections: StatementSync;
  readonly #corrected: StatementSync;
  readonly #dimensions: Map<string, number> = new Map();
  readonly #shared: Map<string, number> = new Map();

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#rollUps = new RollUps(db);
    this.#insert = db.prepare(`INSERT INTO event (${COLUMNS.join(', ')})
      VALUES (${COLUMNS.map(() => '?').join(', ')}) ON CONFLICT (id) DO NOTHING`);
    this.#findDimension = db.prepare('SELECT dim FROM dimension WHERE fingerprint = ?');
    this.#addDimension = db.prepare(`INSERT INTO dimension (fingerprint, ${DIMENSION_COLUMNS.join(', ')})
      VALUES (?, ${DIMENSION_COLUMNS.map(() => '?').join(', ')})`);
    this.#findShared = db.prepare('SELECT shared FROM shared_facts WHERE facts = ?');
    this.#addShared = db.prepare('INSERT INTO shared_facts (facts) VALUES (?)');
    this.#corrections = db.prepare('SELECT count(*) AS count FROM event WHERE adjusts = ?');
    this.#corrected = db.prepare(`SELECT seq, dim, time, context FROM event e WHERE id = ? AND ${UNPRICED}`);
  }

  /**
   * Keeps the events in one transaction, each once: an id that is there already changes nothing. Returns those that
   * no file would take, with the reason.
   *
   * @throws what SQLite throws for the state of the file; then none is kept.
   */
  write(events: readonly CostEvent[]): Refused[] {
    const refused: Refused[] = [];
    const rows = events.flatMap((event) => {
      try {
        return [{ event, row: eventToRow(event) }];
      } catch (error) {
        refused.push({ event, error });
        return [];
      }
    });
    this.#writeAll(rows, refused);
    return refused;
  }

  #writeAll(rows: readonly Prepared[], refused: Refused[]): void {
    if (rows.length === 0) return;
    try {
      transaction(this.#db, () => {
        const keptAt = Date.now();
        this.#rollUps.begin();
        for (const { row } of rows) this.#writeRow(row, keptAt);
        this.#rollUps.flush();
      });
    } catch (error) {
      this.forget();
      if (!isRowError(error)) throw error;
      const [first, ...others] = rows;
      if (first !== undefined && others.length === 0) refused.push({ event: first.event, error });
      else for (const each of rows) this.#writeAll([each], refused);
    }
  }

  /** After a transaction was rolled back: ids it had given are free again. */
  forget(): void {
    this.#dimensions.clear();
    this.#shared.clear();
    this.#rollUps.forget();
  }

  #writeRow(row: EventRow, keptAt: number): void {
    const dim = this.#dimensionOf(row.dimensions);
    const units = row.amount === null ? null : amountUnits(row.amount);
    const { changes, lastInsertRowid } = this.#insert.run(
      row.id,
      dim,
      this.#sharedOf(JSON.stringify(row.shared)),
      row.adjusts,
      row.time,
      keptAt,
      row.amount,
      units,
      ...row.usage,
      row.otherUsage && JSON.stringify(row.otherUsage),
      row.context && JSON.stringify(row.context),
      row.responseId,
      row.traceId,
      JSON.stringify(row.details),
    );
    if (changes === 0) return;
    const [kind] = row.dimensions;
    const seq = Number(lastInsertRowid);
    this.#rollUps.add({
      ...row,
      seq,
      dim,
      units,
      events: kind === 'usage' ? 1 : 0,
      unpriced: kind === 'usage' && row.amount === null && !this.#isCorrected(row.id) ? 1 : 0,
    });
    if (row.adjusts !== null) this.#priceLater(row.adjusts);
  }

  /** An unpriced event that is corrected for the first time is unpriced no more. */
  #priceLater(id: string): void {
    const row = this.#corrected.get(id);
    if (row === undefined || !this.#rollUps.holds(Number(row.seq)) || this.#countCorrections(id) > 1) return;
    this.#rollUps.add({
      seq: Number(row.seq),
      dim: Number(row.dim),
      time: Number(row.time),
      context: typeof row.context === 'string' ? (JSON.parse(row.context) as EventRow['context']) : null,
      events: 0,
      unpriced: -1,
      units: null,
      usage: [],
      otherUsage: null,
    });
  }

  #isCorrected(id: string): boolean {
    return this.#countCorrections(id) > 0;
  }

  #countCorrections(id: string): number {
    return Number(this.#corrections.get(id)?.count ?? 0);
  }

  #dimensionOf(values: readonly (string | null)[]): number {
    return remembered(this.#dimensions, JSON.stringify(values), (fingerprint) => {
      const found = this.#findDimension.get(fingerprint)?.dim;
      return found ?? this.#addDimension.run(fingerprint, ...values).lastInsertRowid;
    });
  }

  #sharedOf(facts: string): number {
    return remembered(this.#shared, facts, (text) => {
      const found = this.#findShared.get(text)?.shared;
      return found ?? this.#addShared.run(text).lastInsertRowid;
    });
  }
}

interface Prepared {
  readonly event: CostEvent;
  readonly row: EventRow;
}

/** An event that cannot be a row, and why. */
export interface Refused {
  readonly event: CostEvent;
  readonly error: unknown;
}

function remembered(ids: Map<string, number>, key: string, find: (key: string) => unknown): number {
  const known = ids.get(key);
  if (known !== undefined) return known;
  const id = Number(find(key));
  if (ids.size >= MAX_REMEMBERED) ids.clear();
  ids.set(key, id);
  return id;
}
