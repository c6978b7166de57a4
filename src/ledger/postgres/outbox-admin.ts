import { known } from '../../base/read.ts';
import type { DeadLetter, OutboxAdmin, OutboxSelection, OutboxSummary } from '../../delivery/outbox.ts';
import { type Database, explain, type Row } from './database.ts';

const DEAD = `state = 'dead' AND ($1::text IS NULL OR sink = $1) AND ($2::text[] IS NULL OR id = ANY($2))`;

/** A person's view of the outbox tables. */
export class PostgresOutboxAdmin implements OutboxAdmin {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async sinks(): Promise<readonly OutboxSummary[]> {
    const rows = await this.#ask(
      `SELECT sink, count(*) FILTER (WHERE state IN ('next', 'parked')) AS pending,
         count(*) FILTER (WHERE state = 'dead') AS dead, min(kept_at) FILTER (WHERE state <> 'dead') AS oldest
       FROM outbox_sink LEFT JOIN outbox_entry USING (sink) GROUP BY sink ORDER BY sink`,
    );
    return rows.map((row) => ({
      sink: String(row.sink),
      pending: Number(row.pending),
      dead: Number(row.dead),
      ...(row.oldest instanceof Date ? { oldest: row.oldest } : {}),
    }));
  }

  async deadLetters(sink?: string): Promise<readonly DeadLetter[]> {
    const rows = await this.#ask(`SELECT * FROM outbox_entry WHERE ${DEAD} ORDER BY failed_at, position`, [
      sink ?? null,
      null,
    ]);
    return rows.map((row) => ({
      sink: String(row.sink),
      eventId: String(row.id),
      failedAt: row.failed_at instanceof Date ? row.failed_at : new Date(Number.NaN),
      failure: known({
        message: String(row.error),
        status: row.status === null ? undefined : Number(row.status),
        response: typeof row.response === 'string' ? row.response : undefined,
      }),
    }));
  }

  requeue(selection: OutboxSelection): Promise<number> {
    return this.#change(
      `UPDATE outbox_entry SET state = 'parked', attempts = 0, due_at = '-infinity', lease_until = NULL WHERE ${DEAD} RETURNING 1`,
      selection,
    );
  }

  purge(selection: OutboxSelection): Promise<number> {
    return this.#change(`DELETE FROM outbox_entry WHERE ${DEAD} RETURNING 1`, selection);
  }

  async forget(sink: string): Promise<boolean> {
    return (await this.#ask('DELETE FROM outbox_sink WHERE sink = $1 RETURNING 1', [sink])).length > 0;
  }

  async #change(sql: string, { sink, ids }: OutboxSelection): Promise<number> {
    return (await this.#ask(sql, [sink ?? null, ids ?? null])).length;
  }

  async #ask(sql: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    try {
      return await this.#database.query(sql, values);
    } catch (error) {
      throw explain(error);
    }
  }
}
