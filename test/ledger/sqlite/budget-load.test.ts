import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { SqliteLedger } from '../../../src/ledger/sqlite/sqlite-ledger.ts';
import { testBudgetsUnderLoad } from '../../budgets/load-contract.ts';

const folder = mkdtempSync(join(tmpdir(), 'costspan-budget-load-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
testBudgetsUnderLoad('SQLite', async () => {
  files += 1;
  const path = join(folder, `costs-${files}.db`);
  await new SqliteLedger({ path }).shutdown();
  return {
    address: path,
    open: () => {
      const ledger = new SqliteLedger({ path });
      return { store: ledger.budgets, close: () => ledger.shutdown() };
    },
  };
});
