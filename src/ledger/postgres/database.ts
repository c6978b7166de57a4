import pg from 'pg';
import { CostspanError } from '../../base/errors.ts';
import { MIGRATION_LOCK, MIGRATIONS } from './schema.ts';

export type Row = Readonly<Record<string, unknown>>;

/** Runs statements, all in one transaction. */
export interface Queries {
  (sql: string, values?: readonly unknown[]): Promise<readonly Row[]>;
}

/** What of `pg.Pool` is used, so that an application may give its own. */
export interface PgPool {
  connect(): Promise<PgClient>;
  end(): Promise<void>;
}

interface PgClient {
  query(sql: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
  release(error?: Error | boolean): void;
  on(event: 'error', listener: () => void): unknown;
  off(event: 'error', listener: () => void): unknown;
}

/**
 * The database, reached through transactions alone: no session state, no prepared statement outlives one, so that
 * PgBouncer may pool by transaction.
 */
export class Database {
  readonly schema: string;
  readonly #pool: PgPool;
  readonly #isOurs: boolean;
  #ready: Promise<void> | undefined;

  constructor(source: string | PgPool, schema: string) {
    this.schema = schema;
    this.#isOurs = typeof source === 'string';
    this.#pool = typeof source === 'string' ? createPool(source) : source;
  }

  /** Runs `work` in a transaction, after the tables were made ready. */
  async transaction<T>(work: (query: Queries) => Promise<T>): Promise<T> {
    await this.#migrated();
    return this.#run(work, true);
  }

  /** Calls one of our functions, which is a transaction by itself: one way to the server. */
  async call(name: string, values: readonly unknown[]): Promise<readonly Row[]> {
    await this.#migrated();
    const places = values.map((_, index) => `$${index + 1}`).join(', ');
    return this.#with(
      (query) => query(`SELECT * FROM ${quoted(this.schema)}.${quoted(name)}(${places})`, values),
      () => Promise.resolve(),
    );
  }

  /** One statement. */
  query(sql: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    return this.transaction((query) => query(sql, values));
  }

  async close(): Promise<void> {
    if (this.#isOurs) await this.#pool.end();
  }

  #migrated(): Promise<void> {
    this.#ready ??= this.#run((query) => migrate(query, this.schema), false).catch((error: unknown) => {
      this.#ready = undefined;
      throw error;
    });
    return this.#ready;
  }

  #run<T>(work: (query: Queries) => Promise<T>, withSchema: boolean): Promise<T> {
    return this.#with(
      async (query) => {
        // One way to the server instead of two.
        await query(withSchema ? `BEGIN; SET LOCAL search_path = ${quoted(this.schema)}` : 'BEGIN');
        const result = await work(query);
        await query('COMMIT');
        return result;
      },
      (query) => query('ROLLBACK'),
    );
  }

  async #with<T>(
    work: (query: Queries) => Promise<T>,
    undo: (query: Queries) => Promise<unknown>,
  ): Promise<T> {
    const client = await this.#pool.connect();
    // A connection that breaks between two statements is an event; without a listener it would end the process.
    client.on('error', told);
    // Without values it goes as a simple query, which may hold several statements.
    const query: Queries = async (sql, values) =>
      (await (values === undefined ? client.query(sql) : client.query(sql, [...values]))).rows as Row[];
    const giveBack = (): void => {
      client.off('error', told);
      client.release();
    };
    try {
      const result = await work(query);
      giveBack();
      return result;
    } catch (error) {
      // One that is broken goes for good.
      await undo(query).then(giveBack, () => client.release(true));
      throw error;
    }
  }
}

/** The next statement on the connection says what is wrong. */
function told(): void {}

function createPool(connectionString: string): PgPool {
  const pool = new pg.Pool({
    connectionString,
    max: 4,
    connectionTimeoutMillis: 5_000,
    query_timeout: 120_000,
    keepAlive: true,
    allowExitOnIdle: true,
    application_name: 'costspan',
  });
  // A connection that breaks while idle is told here; the next statement opens another.
  pool.on('error', told);
  return pool;
}

/** Makes or changes the tables, one process at a time. */
async function migrate(query: Queries, schema: string): Promise<void> {
  await query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [MIGRATION_LOCK, schema]);
  const [existing] = await query('SELECT to_regclass($1) AS found', [`${quoted(schema)}.migration`]);
  if (existing?.found === null) {
    await query(`CREATE SCHEMA IF NOT EXISTS ${quoted(schema)}`);
    await query(
      `CREATE TABLE ${quoted(schema)}.migration (version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())`,
    );
  }
  await query(`SET LOCAL search_path = ${quoted(schema)}`);
  const [row] = await query('SELECT coalesce(max(version), 0) AS version FROM migration');
  const version = Number(row?.version ?? 0);
  if (version > MIGRATIONS.length) {
    throw new CostspanError(
      'LEDGER_UNUSABLE',
      `The schema ${schema} was written by a newer Costspan (format ${version}, this one knows ${MIGRATIONS.length}). Update the costspan package.`,
    );
  }
  for (const [index, sql] of MIGRATIONS.entries()) {
    if (index < version) continue;
    await query(sql);
    await query('INSERT INTO migration (version) VALUES ($1)', [index + 1]);
  }
}

/** An identifier as SQL wants it. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Whether trying again later may help: the database is away, or two transactions got in each other's way. */
export function isPassing(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  // Data that no table takes, a constraint, wrong SQL: https://www.postgresql.org/docs/current/errcodes-appendix.html
  return !/^(?:22|23|42)/.test(code);
}

/** What is wrong, and what to do. */
export function explain(error: unknown): CostspanError {
  if (error instanceof CostspanError) return error;
  const detail =
    error instanceof AggregateError
      ? String(error.errors[0])
      : error instanceof Error
        ? error.message
        : String(error);
  return new CostspanError('LEDGER_UNUSABLE', `The PostgreSQL ledger ${advice(error)} (${detail})`, {
    cause: error,
  });
}

function advice(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code.startsWith('28')) return 'refuses the password. Check the connection string.';
  if (code === '3D000')
    return 'names a database that does not exist. Create it, or correct the connection string.';
  if (code === '42501')
    return 'may not be written by this role. Grant it CREATE on the database, or the schema to it.';
  return 'cannot be reached or used. Check the address, and that PostgreSQL is running.';
}
