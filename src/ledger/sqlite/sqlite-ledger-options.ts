import { ConfigError, describe } from '../../base/errors.ts';
import { checkOptions } from '../../base/options.ts';

/** Options of `SqliteLedger`. */
export interface SqliteLedgerOptions {
  /** The database file, created when absent; `:memory:` keeps nothing. Must be on a local disk, not on NFS. */
  readonly path: string;
  /**
   * `call` (default): an event is committed before the awaited call returns; `kill -9` loses nothing.
   * `batch`: events are committed together within milliseconds; `kill -9` loses those milliseconds.
   */
  readonly durability?: 'call' | 'batch';
  /**
   * Each commit also reaches the disk before it returns, so that a power cut loses nothing either; costs one
   * disk write per commit. Default: `false`, where a power cut or a crash of the machine may lose the last commits.
   */
  readonly fsync?: boolean;
  /**
   * The most the file may grow to, in bytes. Default: what the disk has. A full file is treated like a full disk:
   * nothing in it is touched, up to 10,000 events wait in memory, more are dropped and counted, `health()` is
   * `failing`. Raise it, or move the file away, and what waits is written.
   */
  readonly maxBytes?: number;
  /**
   * Context entries that reports are grouped by: sums by them are kept beside the events, so that a report over millions
   * of events is immediate. Others can be asked for, too, and take longer. Default: `feature`, `project`, `team`.
   */
  readonly rollUp?: readonly string[];
  /** The name in `health()`. Default: `sqlite`. */
  readonly name?: string;
}

const OPTIONS: readonly string[] = [
  'path',
  'durability',
  'fsync',
  'maxBytes',
  'rollUp',
  'name',
] satisfies (keyof SqliteLedgerOptions)[];

/** @throws {ConfigError} for the first option that is wrong. */
export function checkedLedgerOptions(options: SqliteLedgerOptions): SqliteLedgerOptions {
  checkOptions('new SqliteLedger', options ?? {}, OPTIONS);
  const { path, durability, fsync, maxBytes, rollUp, name } = options ?? {};
  if (typeof path !== 'string' || path === '') {
    throw new ConfigError(
      `new SqliteLedger: expected 'path' to be a file name, got ${describe(path)}. Example: { path: 'costs.db' }.`,
    );
  }
  if (durability !== undefined && durability !== 'call' && durability !== 'batch') {
    throw new ConfigError(
      `new SqliteLedger: expected 'durability' to be 'call' or 'batch', got ${describe(durability)}.`,
    );
  }
  if (fsync !== undefined && typeof fsync !== 'boolean') {
    throw new ConfigError(`new SqliteLedger: expected 'fsync' to be true or false, got ${describe(fsync)}.`);
  }
  if (maxBytes !== undefined && !(Number.isFinite(maxBytes) && maxBytes > 0)) {
    throw new ConfigError(
      `new SqliteLedger: expected 'maxBytes' to be a number of bytes above 0, got ${describe(maxBytes)}.`,
    );
  }
  if (rollUp !== undefined && !isNames(rollUp)) {
    throw new ConfigError(
      `new SqliteLedger: expected 'rollUp' to be a list of up to 8 context names, got ${describe(rollUp)}. Example: ['feature'].`,
    );
  }
  if (name !== undefined && (typeof name !== 'string' || name === '')) {
    throw new ConfigError(
      `new SqliteLedger: expected 'name' to be a non-empty string, got ${describe(name)}.`,
    );
  }
  return options;
}

function isNames(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.length <= 8 &&
    value.every((name) => typeof name === 'string' && name !== '')
  );
}
