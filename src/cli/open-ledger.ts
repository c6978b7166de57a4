import type { OpenedLedger } from '../ledger/ledger.ts';
import { openLedgerFile, type OpenOptions } from '../ledger/sqlite/open-ledger-file.ts';

/**
 * Opens the ledger that `--db` names, a file or `postgres://…`, for a program that wants an answer: whatever is wrong
 * with it throws. What PostgreSQL needs is loaded for it alone.
 *
 * @throws {CostspanError} `LEDGER_UNUSABLE`
 */
export async function openLedger(db: string, options: OpenOptions): Promise<OpenedLedger> {
  if (!isDatabaseUrl(db)) return openLedgerFile(db, options);
  const { OpenedPostgresLedger } = await import('../ledger/postgres/opened-postgres-ledger.ts');
  return new OpenedPostgresLedger(db);
}

export function isDatabaseUrl(db: string): boolean {
  return /^postgres(?:ql)?:\/\//.test(db);
}
