import type { CostLedger } from '../ledger/ledger.ts';
import { openLedgerFile } from '../ledger/open-ledger-file.ts';

/** Opens the ledger to read it, and closes it whatever happens. The file is not changed. */
export async function withLedger<T>(path: string, use: (ledger: CostLedger) => Promise<T>): Promise<T> {
  const ledger = openLedgerFile(path, { readOnly: true });
  try {
    return await use(ledger);
  } finally {
    await ledger.shutdown();
  }
}
