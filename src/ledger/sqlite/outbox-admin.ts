import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { DeadLetter, OutboxAdmin, OutboxSelection, OutboxSummary } from '../../delivery/outbox.ts';
import { transaction } from '../transaction.ts';

/** A person's view of the outbox tables; errors are the caller's to explain. */
export class SqliteOutboxAdmin implements OutboxAdmin {
  readonly #db: DatabaseSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  sinks(): readonly OutboxSummary[] {
    return this.#db
      .prepare(
        `SELECT sink, (SELECT coalesce(max(seq), 0) FROM event) - cursor AS next, parked, dead,
           (SELECT kept_at FROM event WHERE seq = cursor + 1) AS next_oldest,
           (SELECT kept_at FROM event WHERE seq =
             (SELECT min(seq) FROM outbox_entry e WHERE e.sink = s.sink AND state = 'parked')) AS parked_oldest
         FROM outbox_sink s ORDER BY sink`,
      )
      .all()
      .map((row) => {
        const oldest = [row.next_oldest, row.parked_oldest].filter((time) => typeof time === 'number');
        return {
          sink: String(row.sink),
          pending: Number(row.next) + Number(row.parked),
          dead: Number(row.dead),
          ...(oldest.length === 0 ? {} : { oldest: new Date(Math.min(...oldest)) }),
        };
      });
  }

  deadLetters(sink?: string): readonly DeadLetter[] {
    const { sql, values } = deadLettersOf(sink === undefined ? {} : { sink });
    return this.#db
      .prepare(
        `SELECT e.sink, c.id, e.failed_at, e.error, e.status, e.response
         FROM outbox_entry e JOIN event c USING (seq) WHERE ${sql} ORDER BY e.failed_at, e.seq`,
      )
      .all(...values)
      .map((row) => ({
        sink: String(row.sink),
        eventId: String(row.id),
        failedAt: new Date(Number(row.failed_at)),
        failure: {
          message: String(row.error),
          ...(row.status === null ? {} : { status: Number(row.status) }),
          ...(row.response === null ? {} : { response: String(row.response) }),
        },
      }));
  }

  requeue(selection: OutboxSelection): number {
    const { sql, values } = deadLettersOf(selection);
    return this.#change(
      `UPDATE outbox_entry AS e SET state = 'parked', attempts = 0, due_at = 0 WHERE ${sql}`,
      values,
    );
  }

  purge(selection: OutboxSelection): number {
    const { sql, values } = deadLettersOf(selection);
    return this.#change(`DELETE FROM outbox_entry AS e WHERE ${sql}`, values);
  }

  forget(sink: string): boolean {
    return transaction(this.#db, () => {
      this.#change('DELETE FROM outbox_entry WHERE sink = ?', [sink]);
      return this.#change('DELETE FROM outbox_sink WHERE sink = ?', [sink]) > 0;
    });
  }

  #change(sql: string, values: readonly SQLInputValue[]): number {
    return Number(this.#db.prepare(sql).run(...values).changes);
  }
}

function deadLettersOf({ sink, ids }: OutboxSelection): { sql: string; values: SQLInputValue[] } {
  const conditions = [`e.state = 'dead'`];
  const values: SQLInputValue[] = [];
  if (sink !== undefined) {
    conditions.push('e.sink = ?');
    values.push(sink);
  }
  if (ids !== undefined) {
    conditions.push('e.seq IN (SELECT seq FROM event WHERE id IN (SELECT value FROM json_each(?)))');
    values.push(JSON.stringify(ids));
  }
  return { sql: conditions.join(' AND '), values };
}
