import type { DatabaseSync } from 'node:sqlite';
import { type JsonObject, known } from '../../base/read.ts';
import {
  checkCustomer,
  checkCustomerFilter,
  checkKey,
  checkMerge,
  type Customer,
  type CustomerFilter,
  type CustomerRegistry,
  type ListedCustomer,
  passes,
} from '../customers.ts';
import { transaction } from '../transaction.ts';

/** The customers in the tables of a ledger file. */
export class SqliteCustomers implements CustomerRegistry {
  readonly #database: () => DatabaseSync;

  /** `database` throws when the file cannot be used. */
  constructor(database: () => DatabaseSync) {
    this.#database = database;
  }

  async put(customer: Customer): Promise<void> {
    const { key, name, metadata, plan, rateCard, budgets } = checkCustomer(customer);
    const now = Date.now();
    const db = this.#database();
    const statement = db.prepare(
      `INSERT INTO customer (key, name, metadata, plan, rate_card, budgets, created_at, updated_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET name = excluded.name,
         metadata = excluded.metadata, plan = excluded.plan, rate_card = excluded.rate_card,
         budgets = excluded.budgets, updated_at = excluded.updated_at`,
    );
    transaction(db, () =>
      statement.run(
        key,
        name ?? null,
        metadata === undefined ? null : JSON.stringify(metadata),
        plan ?? null,
        rateCard ?? null,
        budgets === undefined ? null : JSON.stringify(budgets),
        now,
        now,
      ),
    );
  }

  async get(key: string): Promise<Customer | undefined> {
    checkKey('customers.get', 'key', key);
    const row = this.#database().prepare('SELECT * FROM customer WHERE key = ?').get(key);
    return row === undefined ? undefined : customerOf(row);
  }

  async list(filter: CustomerFilter = {}): Promise<readonly ListedCustomer[]> {
    checkCustomerFilter(filter);
    return this.#database()
      .prepare(
        `SELECT k.key AS key, name, metadata, plan, rate_card, budgets, c.key IS NOT NULL AS registered, into_key
         FROM (SELECT key FROM customer UNION SELECT customer FROM dimension WHERE customer IS NOT NULL) k
         LEFT JOIN customer c ON c.key = k.key LEFT JOIN customer_merge ON from_key = k.key ORDER BY k.key`,
      )
      .all()
      .map((row) => ({
        ...customerOf(row),
        registered: row.registered === 1,
        ...known({ mergedInto: textOf(row.into_key) }),
      }))
      .filter((customer) => passes(customer, filter));
  }

  async remove(key: string): Promise<boolean> {
    checkKey('customers.remove', 'key', key);
    const db = this.#database();
    return transaction(
      db,
      () => Number(db.prepare('DELETE FROM customer WHERE key = ?').run(key).changes) > 0,
    );
  }

  async merge(from: string, into: string): Promise<void> {
    const db = this.#database();
    transaction(db, () => {
      const target = (key: string): string | undefined =>
        textOf(db.prepare('SELECT into_key FROM customer_merge WHERE from_key = ?').get(key)?.into_key);
      checkMerge(from, into, target);
      const end = target(into) ?? into;
      db.prepare('UPDATE customer_merge SET into_key = ? WHERE into_key = ?').run(end, from);
      db.prepare(
        'INSERT OR REPLACE INTO customer_merge (from_key, into_key, merged_at) VALUES (?, ?, ?)',
      ).run(from, end, Date.now());
    });
  }
}

function customerOf(row: Readonly<Record<string, unknown>>): Customer {
  return known({
    key: String(row.key),
    name: textOf(row.name),
    metadata: parsed(row.metadata) as JsonObject | undefined,
    plan: textOf(row.plan),
    rateCard: textOf(row.rate_card),
    budgets: parsed(row.budgets) as readonly JsonObject[] | undefined,
  });
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function parsed(value: unknown): unknown {
  return typeof value === 'string' ? JSON.parse(value) : undefined;
}
