import { ConfigError, describe } from '../../base/errors.ts';
import { checkOptions } from '../../base/options.ts';
import type { PgPool } from './database.ts';

/** Options of `PostgresLedger`: a connection string, or a pool of the application's own. */
export interface PostgresLedgerOptions {
  /** `postgres://user:password@host:5432/database`. PgBouncer may stand in between and pool by transaction. */
  readonly connectionString?: string;
  /** A `pg.Pool`; it is not closed. */
  readonly pool?: PgPool;
  /** The schema the tables are in, made when absent. Default: `costspan`. */
  readonly schema?: string;
  /**
   * A file on a local disk where events wait for the database, so that none is lost while it cannot be reached, or when
   * the process is killed; processes of one host may share it. `false`: events wait in memory, up to 10,000.
   * Default: `costspan-spool.db`.
   */
  readonly spool?: string | false;
  /** Context entries that reports are grouped by. Default: `feature`, `project`, `team`. */
  readonly rollUp?: readonly string[];
  /** The name in `health()`. Default: `postgres`. */
  readonly name?: string;
}

const OPTIONS: readonly (keyof PostgresLedgerOptions)[] = [
  'connectionString',
  'pool',
  'schema',
  'spool',
  'rollUp',
  'name',
];

/** @throws {ConfigError} for the first option that is wrong. */
export function checkedLedgerOptions(options: PostgresLedgerOptions): PostgresLedgerOptions {
  const where = 'new PostgresLedger';
  checkOptions(where, options ?? {}, OPTIONS);
  const { connectionString, pool, schema, spool, rollUp, name } = options ?? {};
  const isPool = typeof (pool as { connect?: unknown } | undefined)?.connect === 'function';
  if (pool !== undefined && !isPool)
    throw new ConfigError(`${where}: expected 'pool' to be a pg.Pool, got ${describe(pool)}.`);
  if (
    pool === undefined &&
    (typeof connectionString !== 'string' || !/^postgres(?:ql)?:\/\//.test(connectionString))
  )
    throw new ConfigError(
      `${where}: expected 'connectionString' to be an address like 'postgres://user@host/database', or a 'pool', got ${typeof connectionString === 'string' ? 'another text' : describe(connectionString)}.`,
    );
  if (schema !== undefined && (typeof schema !== 'string' || !/^[a-z_][a-z0-9_]{0,62}$/.test(schema)))
    throw new ConfigError(
      `${where}: expected 'schema' to be a lower-case name, got ${describe(schema)}. Example: 'costspan'.`,
    );
  if (spool !== undefined && spool !== false && (typeof spool !== 'string' || spool === ''))
    throw new ConfigError(`${where}: expected 'spool' to be a file name or false, got ${describe(spool)}.`);
  if (
    rollUp !== undefined &&
    !(Array.isArray(rollUp) && rollUp.every((each) => typeof each === 'string' && each !== ''))
  )
    throw new ConfigError(
      `${where}: expected 'rollUp' to be a list of context names, got ${describe(rollUp)}. Example: ['feature'].`,
    );
  if (name !== undefined && (typeof name !== 'string' || name === ''))
    throw new ConfigError(`${where}: expected 'name' to be a non-empty string, got ${describe(name)}.`);
  return options;
}
