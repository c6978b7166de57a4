import type { DatabaseSync } from 'node:sqlite';
import { BUDGET_TABLES } from './budget-tables.ts';
import { VERSION_1 } from './schema/version-1.ts';
import { VERSION_3 } from './schema/version-3.ts';

/** `CSPN`: how a Costspan ledger is told from any other SQLite file, in its header at offset 68. */
export const APPLICATION_ID = 0x4353504e;

/**
 * Every version of the ledger's tables, oldest first: `user_version` counts how many a file has been through.
 * A migration that was released is never edited; a change is a new one at the end.
 */
const MIGRATIONS: readonly string[] = [VERSION_1, BUDGET_TABLES, VERSION_3];

export const SCHEMA_VERSION: number = MIGRATIONS.length;

/** Brings the tables up to date inside the transaction the caller opened; `to` stops at an older version, for tests. */
export function migrate(db: DatabaseSync, version: number, to: number = SCHEMA_VERSION): void {
  for (const [index, sql] of MIGRATIONS.entries()) {
    if (index < version || index >= to) continue;
    db.exec(sql);
    db.exec(`PRAGMA user_version = ${index + 1}`);
  }
}
