import type { OpenedLedger } from '../ledger/ledger.ts';
import type { OpenOptions } from '../ledger/sqlite/open-ledger-file.ts';
import { openLedger } from './open-ledger.ts';

/** Opens the ledger to read it, and closes it whatever happens. The file is not changed. */
export function withLedger<T>(
  db: string,
  use: (ledger: OpenedLedger) => Promise<T>,
  { beside = false }: Pick<OpenOptions, 'beside'> = {},
): Promise<T> {
  return withOpened(db, { readOnly: true, beside }, use);
}

/** Opens the ledger to change it, and closes it whatever happens. */
export function withWritableLedger<T>(db: string, use: (ledger: OpenedLedger) => Promise<T>): Promise<T> {
  return withOpened(db, { readOnly: false }, use);
}

async function withOpened<T>(
  db: string,
  options: OpenOptions,
  use: (ledger: OpenedLedger) => Promise<T>,
): Promise<T> {
  const ledger = await openLedger(db, options);
  try {
    return await use(ledger);
  } finally {
    await ledger.shutdown();
  }
}
