import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { add, type Exact, exact, formatDecimal, sum, ZERO } from '../../base/decimal.ts';
import { CostspanError } from '../../base/errors.ts';
import type { MaybePromise } from '../../base/promises.ts';
import { hasPassed, roomFor } from '../budget-rules.ts';
import type {
  BudgetDefinitions,
  BudgetNotices,
  BudgetStore,
  CounterKey,
  CounterState,
  HoldRequest,
  HoldResult,
  SettleEntry,
  SettleRequest,
  StoredCounter,
  StoredCustomer,
  StoredNotice,
  ThresholdCrossing,
} from '../budget-store.ts';
import { text } from '../../base/read.ts';
import { isLock, transaction } from '../transaction.ts';
import type { DatabaseAccess } from './access.ts';

/** Budgets of all processes on one host, in the ledger's own file. */
export class SqliteBudgetStore implements BudgetStore {
  readonly #access: DatabaseAccess;

  constructor(access: DatabaseAccess) {
    this.#access = access;
  }

  hold({ callId, now, expiresAt, entries }: HoldRequest): MaybePromise<HoldResult> {
    return this.#write((db): HoldResult => {
      prepared(db, 'DELETE FROM budget_hold WHERE expires_at <= ?').run(now.getTime());
      const holds: [CounterKey, Exact][] = [];
      for (const entry of entries) {
        const { spent, held } = sumOf(db, entry, now);
        const amount = roomFor(entry, spent, held);
        if (amount === undefined) {
          const { counter } = entry;
          return { admitted: false, counter, spent: formatDecimal(spent), held: formatDecimal(held) };
        }
        holds.push([entry, amount]);
      }
      prepared(db, DELETE_HOLDS).run(callId);
      const insert = prepared(
        db,
        'INSERT INTO budget_hold (counter, call, bucket, amount, expires_at) VALUES (?, ?, ?, ?, ?)',
      );
      for (const [{ counter, bucket }, amount] of holds)
        insert.run(counter, callId, bucket, formatDecimal(amount), expiresAt.getTime());
      return { admitted: true };
    });
  }

  renew(callId: string, expiresAt: Date, now: Date): MaybePromise<void> {
    return this.#run(
      'UPDATE budget_hold SET expires_at = ? WHERE call = ? AND expires_at > ?',
      expiresAt.getTime(),
      callId,
      now.getTime(),
    );
  }

  release(callId: string): MaybePromise<void> {
    return this.#run(DELETE_HOLDS, callId);
  }

  settle({ callId, eventId, entries }: SettleRequest): MaybePromise<readonly ThresholdCrossing[]> {
    return this.#write((db) => {
      prepared(db, DELETE_HOLDS).run(callId);
      const { changes } = prepared(db, 'INSERT OR IGNORE INTO budget_event (id) VALUES (?)').run(eventId);
      return changes === 0 ? [] : entries.flatMap((entry) => count(db, entry));
    });
  }

  read(keys: readonly CounterKey[], now: Date): readonly CounterState[] {
    const db = this.#database();
    return keys.map((key) => {
      const { spent, held } = sumOf(db, key, now);
      return { counter: key.counter, spent: formatDecimal(spent), held: formatDecimal(held) };
    });
  }

  counters(budgetId: string, from: number): readonly StoredCounter[] {
    const rows = this.#database()
      .prepare(
        'SELECT counter, scope, bucket, spent FROM budget_part WHERE budget = ? AND bucket >= ? ORDER BY bucket DESC, counter',
      )
      .all(budgetId, from);
    return rows.map((row) => ({
      counter: String(row.counter),
      scope: String(row.scope),
      bucket: Number(row.bucket),
      spent: String(row.spent),
    }));
  }

  customers(since: number): { readonly total: number; readonly changed: readonly StoredCustomer[] } {
    const db = this.#database();
    const [count] = prepared(db, 'SELECT count(*) AS total FROM customer').all();
    const changed = prepared(
      db,
      'SELECT key, plan, budgets, updated_at FROM customer WHERE updated_at >= ?',
    ).all(since);
    return {
      total: Number(count?.total),
      changed: changed.map(({ key, plan, budgets, updated_at }) => ({
        key: String(key),
        plan: text(plan),
        budgets: text(budgets),
        updatedAt: Number(updated_at),
      })),
    };
  }

  readonly definitions: BudgetDefinitions = {
    list: () =>
      this.#database()
        .prepare('SELECT id, definition FROM budget_definition ORDER BY id')
        .all()
        .map((row) => ({ id: String(row.id), definition: String(row.definition) })),
    put: (id, definition) =>
      this.#run('INSERT OR REPLACE INTO budget_definition (id, definition) VALUES (?, ?)', id, definition),
    remove: (id) =>
      this.#write(
        (db) => Number(prepared(db, 'DELETE FROM budget_definition WHERE id = ?').run(id).changes) > 0,
      ),
  };

  readonly notices: BudgetNotices = {
    add: ({ id, createdAt, body }) =>
      this.#run(
        `INSERT OR IGNORE INTO budget_notice (id, created_at, body, attempts, told, due_at) VALUES (?, ?, ?, 0, 0, 0)`,
        id,
        createdAt.getTime(),
        body,
      ),
    claim: (now, until, limit) =>
      this.#write((db) => {
        const rows = db
          .prepare('SELECT * FROM budget_notice WHERE told = 0 AND due_at <= ? ORDER BY due_at, id LIMIT ?')
          .all(now.getTime(), limit)
          .map(toNotice);
        const lease = db.prepare('UPDATE budget_notice SET due_at = ? WHERE id = ?');
        for (const { id } of rows) lease.run(until.getTime(), id);
        return rows;
      }),
    done: (id) => this.#run('UPDATE budget_notice SET told = 1 WHERE id = ?', id),
    retry: (id, dueAt) =>
      this.#run(
        'UPDATE budget_notice SET attempts = attempts + 1, due_at = ? WHERE id = ?',
        dueAt.getTime(),
        id,
      ),
    history: (limit) =>
      this.#database()
        .prepare('SELECT * FROM budget_notice ORDER BY created_at DESC, id DESC LIMIT ?')
        .all(limit)
        .map(toNotice),
  };

  /** At once as a rule. Where another process has its transaction open, the application goes on and this waits its turn. */
  #write<T>(work: (db: DatabaseSync) => T): MaybePromise<T> {
    try {
      return this.#now(work);
    } catch (error) {
      if (!isLock(error)) throw error;
      return this.#inTurn(work);
    }
  }

  #now<T>(work: (db: DatabaseSync) => T): T {
    const db = this.#database();
    return transaction(db, () => work(db), PATIENCE_MS);
  }

  async #inTurn<T>(work: (db: DatabaseSync) => T): Promise<T> {
    const deadline = performance.now() + LONGEST_WAIT_MS;
    for (;;) {
      // At odds with each other, so that those who wait do not all come back at once.
      await sleep(1 + Math.random() * 9);
      try {
        return this.#now(work);
      } catch (error) {
        if (!isLock(error) || performance.now() > deadline) throw error;
      }
    }
  }

  #run(sql: string, ...values: readonly SQLInputValue[]): MaybePromise<void> {
    return this.#write((db) => void prepared(db, sql).run(...values));
  }

  #database(): DatabaseSync {
    const db = this.#access.database();
    if (db === undefined) {
      throw new CostspanError(
        'LEDGER_UNAVAILABLE',
        'The ledger, which keeps the budgets, cannot be used. `health()` says why.',
      );
    }
    return db;
  }
}

const DELETE_HOLDS = 'DELETE FROM budget_hold WHERE call = ?';
/** This thread is held up no longer than this by a transaction of another process. */
const PATIENCE_MS = 1;
/** A file that is locked for so long cannot be used. */
const LONGEST_WAIT_MS = 5_000;

/** Preparing a statement takes longer than running it. */
function prepared(db: DatabaseSync, sql: string): StatementSync {
  const known = STATEMENTS.get(db) ?? new Map<string, StatementSync>();
  STATEMENTS.set(db, known);
  const statement = known.get(sql) ?? db.prepare(sql);
  known.set(sql, statement);
  return statement;
}

const STATEMENTS = new WeakMap<DatabaseSync, Map<string, StatementSync>>();

/** What is spent and set aside in the period of a counter; holds that have expired by `now` no longer count. */
function sumOf(db: DatabaseSync, key: CounterKey, now: Date): { spent: Exact; held: Exact } {
  const holds = prepared(
    db,
    'SELECT amount FROM budget_hold WHERE counter = ? AND bucket >= ? AND bucket < ? AND expires_at > ?',
  ).all(key.counter, key.from, key.to, now.getTime());
  return { spent: spentOf(db, key), held: amountOf(holds) };
}

function spentOf(db: DatabaseSync, { counter, from, to }: CounterKey): Exact {
  return amountOf(
    prepared(
      db,
      'SELECT spent AS amount FROM budget_part WHERE counter = ? AND bucket >= ? AND bucket < ?',
    ).all(counter, from, to),
  );
}

function amountOf(rows: readonly Record<string, unknown>[]): Exact {
  return sum(rows.map((row) => exact(String(row.amount))));
}

function count(db: DatabaseSync, entry: SettleEntry): ThresholdCrossing[] {
  const { budgetId, counter, bucket, scope, amount } = entry;
  const part = prepared(db, 'SELECT spent FROM budget_part WHERE counter = ? AND bucket = ?').get(
    counter,
    bucket,
  );
  const before = part === undefined ? ZERO : exact(String(part.spent));
  prepared(
    db,
    'INSERT OR REPLACE INTO budget_part (counter, bucket, budget, scope, spent) VALUES (?, ?, ?, ?, ?)',
  ).run(counter, bucket, budgetId, scope, formatDecimal(add(before, exact(amount))));
  const spent = spentOf(db, entry);
  const mark = prepared(
    db,
    'INSERT OR IGNORE INTO budget_crossing (counter, start, percent) VALUES (?, ?, ?)',
  );
  return entry.thresholds
    .filter((percent) => hasPassed(spent, exact(entry.limit), percent))
    .filter((percent) => Number(mark.run(counter, entry.from, percent).changes) > 0)
    .map((percent) => ({ counter, percent, spent: formatDecimal(spent) }));
}

function toNotice(row: Record<string, unknown>): StoredNotice {
  return {
    id: String(row.id),
    createdAt: new Date(Number(row.created_at)),
    body: String(row.body),
    attempts: Number(row.attempts),
    told: row.told === 1,
  };
}
