import { exact, formatDecimal } from '../../base/decimal.ts';
import { text } from '../../base/read.ts';
import type {
  BudgetDefinitions,
  BudgetNotices,
  BudgetStore,
  CounterKey,
  CounterState,
  HoldRequest,
  HoldResult,
  SettleRequest,
  StoredCounter,
  StoredCustomer,
  StoredNotice,
  ThresholdCrossing,
} from '../budget-store.ts';
import type { Database, Row } from './database.ts';

/** Budgets of all processes on all hosts. Counters are locked in the order they are given, which is sorted. */
export class PostgresBudgetStore implements BudgetStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async hold({ callId, now, expiresAt, entries }: HoldRequest): Promise<HoldResult> {
    const [refused] = await this.#database.call('hold_budgets', [
      callId,
      now,
      expiresAt,
      ...columnsOf(entries, 'counter', 'bucket', 'from', 'to', 'amount', 'limit', 'shrinks'),
    ]);
    if (refused === undefined) return { admitted: true };
    return {
      admitted: false,
      counter: String(refused.refused),
      spent: decimal(refused.spent),
      held: decimal(refused.held),
    };
  }

  async renew(callId: string, expiresAt: Date, now: Date): Promise<void> {
    await this.#database.query('UPDATE budget_hold SET expires_at = $1 WHERE call = $2 AND expires_at > $3', [
      expiresAt,
      callId,
      now,
    ]);
  }

  async release(callId: string): Promise<void> {
    await this.#database.query('DELETE FROM budget_hold WHERE call = $1', [callId]);
  }

  async settle({ callId, eventId, entries }: SettleRequest): Promise<readonly ThresholdCrossing[]> {
    const marks = entries.flatMap(({ thresholds }, index) =>
      thresholds.map((percent) => ({ index: index + 1, percent })),
    );
    const crossed = await this.#database.call('settle_budgets', [
      callId,
      eventId,
      ...columnsOf(entries, 'counter', 'bucket', 'from', 'to', 'amount', 'limit', 'budgetId', 'scope'),
      ...columnsOf(marks, 'index', 'percent'),
    ]);
    return crossed.map(({ passed, threshold, total }) => ({
      counter: String(passed),
      percent: Number(threshold),
      spent: decimal(total),
    }));
  }

  async read(keys: readonly CounterKey[], now: Date): Promise<readonly CounterState[]> {
    const rows = await this.#database.query(
      `SELECT counter, (SELECT coalesce(sum(spent), 0) FROM budget_part p WHERE p.counter = k.counter AND bucket >= k.start AND bucket < k.finish) AS spent,
         (SELECT coalesce(sum(amount), 0) FROM budget_hold h
          WHERE h.counter = k.counter AND bucket >= k.start AND bucket < k.finish AND expires_at > $4) AS held
       FROM unnest($1::text[], $2::bigint[], $3::bigint[]) WITH ORDINALITY AS k (counter, start, finish, n) ORDER BY n`,
      [...columnsOf(keys, 'counter', 'from', 'to'), now],
    );
    return rows.map(({ counter, spent, held }) => ({
      counter: String(counter),
      spent: decimal(spent),
      held: decimal(held),
    }));
  }

  async counters(budgetId: string, from: number): Promise<readonly StoredCounter[]> {
    const rows = await this.#database.query(
      'SELECT counter, scope, bucket, spent FROM budget_part WHERE budget = $1 AND bucket >= $2 ORDER BY bucket DESC, counter COLLATE "C"',
      [budgetId, from],
    );
    return rows.map((row) => ({
      counter: String(row.counter),
      scope: String(row.scope),
      bucket: Number(row.bucket),
      spent: decimal(row.spent),
    }));
  }

  async customers(
    since: number,
  ): Promise<{ readonly total: number; readonly changed: readonly StoredCustomer[] }> {
    return this.#database.transaction(async (query) => {
      const [count] = await query('SELECT count(*) AS total FROM customer');
      const changed = await query(
        'SELECT key, plan, budgets::text AS budgets, updated_at FROM customer WHERE updated_at >= $1',
        [new Date(since)],
      );
      return {
        total: Number(count?.total),
        changed: changed.map(({ key, plan, budgets, updated_at }) => ({
          key: String(key),
          plan: text(plan),
          budgets: text(budgets),
          updatedAt: updated_at instanceof Date ? updated_at.getTime() : 0,
        })),
      };
    });
  }

  readonly definitions: BudgetDefinitions = {
    list: async () => {
      const rows = await this.#database.query(
        'SELECT id, definition FROM budget_definition ORDER BY id COLLATE "C"',
      );
      return rows.map((row) => ({ id: String(row.id), definition: String(row.definition) }));
    },
    put: async (id, definition) => {
      await this.#database.query(
        `INSERT INTO budget_definition (id, definition) VALUES ($1, $2)
         ON CONFLICT (id) DO UPDATE SET definition = excluded.definition`,
        [id, definition],
      );
    },
    remove: async (id) =>
      (await this.#database.query('DELETE FROM budget_definition WHERE id = $1 RETURNING id', [id])).length >
      0,
  };

  readonly notices: BudgetNotices = {
    add: async ({ id, createdAt, body }) => {
      await this.#database.query(
        'INSERT INTO budget_notice (id, created_at, body) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
        [id, createdAt, body],
      );
    },
    claim: async (now, until, limit) =>
      (
        await this.#database.query(
          `WITH due AS (
             SELECT id FROM budget_notice WHERE NOT told AND due_at <= $1 ORDER BY due_at, id LIMIT $3
             FOR UPDATE SKIP LOCKED
           ) UPDATE budget_notice n SET due_at = $2 FROM due WHERE n.id = due.id RETURNING n.*`,
          [now, until, limit],
        )
      ).map(toNotice),
    done: async (id) => {
      await this.#database.query('UPDATE budget_notice SET told = true WHERE id = $1', [id]);
    },
    retry: async (id, dueAt) => {
      await this.#database.query(
        'UPDATE budget_notice SET attempts = attempts + 1, due_at = $2 WHERE id = $1',
        [id, dueAt],
      );
    },
    history: async (limit) =>
      (
        await this.#database.query('SELECT * FROM budget_notice ORDER BY created_at DESC, id DESC LIMIT $1', [
          limit,
        ])
      ).map(toNotice),
  };
}

/** A list per field, as `unnest` takes them. */
function columnsOf<T>(rows: readonly T[], ...fields: readonly (keyof T)[]): unknown[][] {
  return fields.map((field) => rows.map((row) => row[field]));
}

function toNotice(row: Row): StoredNotice {
  return {
    id: String(row.id),
    createdAt: row.created_at instanceof Date ? row.created_at : new Date(Number.NaN),
    body: String(row.body),
    attempts: Number(row.attempts),
    told: row.told === true,
  };
}

/** NUMERIC as the driver gives it, without the zeros it keeps. */
function decimal(value: unknown): string {
  return typeof value === 'string' ? formatDecimal(exact(value)) : '0';
}
