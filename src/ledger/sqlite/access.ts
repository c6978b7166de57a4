import type { DatabaseSync } from 'node:sqlite';

/** What the parts of one ledger share. */
export interface DatabaseAccess {
  /** Whether the database can be used, as far as is known; asked in the request path, so nothing is tried. */
  usable(): boolean;
  /** The database with everything accepted so far in it; undefined while it cannot be used. */
  database(): DatabaseSync | undefined;
  /** Reports that it cannot be used after all. */
  failed(error: unknown): void;
}
