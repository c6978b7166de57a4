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
import { type Database, explain, type Queries, type Row } from './database.ts';
import { jsonText } from './json-text.ts';

/** The customers in the tables of a PostgreSQL ledger. */
export class PostgresCustomers implements CustomerRegistry {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async put(customer: Customer): Promise<void> {
    const { key, name, metadata, plan, rateCard, budgets } = checkCustomer(customer);
    await this.#run((query) =>
      query(
        `INSERT INTO customer (key, name, metadata, plan, rate_card, budgets) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (key) DO UPDATE SET name = excluded.name, metadata = excluded.metadata, plan = excluded.plan,
           rate_card = excluded.rate_card, budgets = excluded.budgets, updated_at = now()`,
        [
          key,
          name ?? null,
          metadata === undefined ? null : jsonText(metadata),
          plan ?? null,
          rateCard ?? null,
          budgets === undefined ? null : jsonText(budgets),
        ],
      ),
    );
  }

  async get(key: string): Promise<Customer | undefined> {
    checkKey('customers.get', 'key', key);
    const [row] = await this.#run((query) => query('SELECT * FROM customer WHERE key = $1', [key]));
    return row === undefined ? undefined : customerOf(row);
  }

  async list(filter: CustomerFilter = {}): Promise<readonly ListedCustomer[]> {
    checkCustomerFilter(filter);
    const rows = await this.#run((query) =>
      query(
        `SELECT key, name, metadata, plan, rate_card, budgets, c.key IS NOT NULL AS registered, into_key
         FROM (SELECT key FROM customer UNION SELECT customer FROM slice WHERE customer IS NOT NULL) k
         LEFT JOIN customer c USING (key) LEFT JOIN customer_merge ON from_key = key ORDER BY key COLLATE "C"`,
      ),
    );
    return rows
      .map((row) => ({
        ...customerOf(row),
        registered: row.registered === true,
        ...known({ mergedInto: textOf(row.into_key) }),
      }))
      .filter((customer) => passes(customer, filter));
  }

  async remove(key: string): Promise<boolean> {
    checkKey('customers.remove', 'key', key);
    const rows = await this.#run((query) =>
      query('DELETE FROM customer WHERE key = $1 RETURNING key', [key]),
    );
    return rows.length > 0;
  }

  async merge(from: string, into: string): Promise<void> {
    await this.#run(async (query) => {
      await query('LOCK TABLE customer_merge IN EXCLUSIVE MODE');
      const rows = await query('SELECT from_key, into_key FROM customer_merge');
      const targets = new Map(rows.map((row) => [String(row.from_key), String(row.into_key)]));
      checkMerge(from, into, (key) => targets.get(key));
      const end = targets.get(into) ?? into;
      await query('UPDATE customer_merge SET into_key = $2 WHERE into_key = $1', [from, end]);
      return query(
        `INSERT INTO customer_merge (from_key, into_key) VALUES ($1, $2)
         ON CONFLICT (from_key) DO UPDATE SET into_key = excluded.into_key, merged_at = now()`,
        [from, end],
      );
    });
  }

  async #run(work: (query: Queries) => Promise<readonly Row[]>): Promise<readonly Row[]> {
    try {
      return await this.#database.transaction(work);
    } catch (error) {
      throw explain(error);
    }
  }
}

function customerOf(row: Row): Customer {
  return known({
    key: String(row.key),
    name: textOf(row.name),
    metadata: (row.metadata ?? undefined) as JsonObject | undefined,
    plan: textOf(row.plan),
    rateCard: textOf(row.rate_card),
    budgets: (row.budgets ?? undefined) as readonly JsonObject[] | undefined,
  });
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
