import { DatabaseSync } from 'node:sqlite';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { SqliteBudgetStore } from '../../../src/ledger/sqlite/budget-store.ts';
import { BUDGET_TABLES } from '../../../src/ledger/sqlite/budget-tables.ts';
import { SqliteLedger } from '../../../src/ledger/sqlite/sqlite-ledger.ts';
import { testBudgetStore } from '../../budgets/store-contract.ts';

test('a hold waits its turn while another process has the file locked, and the application goes on', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'costspan-locked-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'costs.db');
  const ledger = new SqliteLedger({ path });
  const other = new DatabaseSync(path);
  other.exec('BEGIN IMMEDIATE');
  const key = { budgetId: 'b', counter: 'a', bucket: 0, from: 0, to: 1 };
  const hold = ledger.budgets.hold({
    callId: 'c',
    now: new Date(),
    expiresAt: new Date(Date.now() + 60_000),
    entries: [{ ...key, amount: '1', limit: '1', shrinks: false }],
  });
  expect(hold).toBeInstanceOf(Promise);
  other.exec('COMMIT');
  other.close();
  expect(await hold).toEqual({ admitted: true });
  await ledger.shutdown();
});

testBudgetStore('budgets in SQLite', () => {
  const db = new DatabaseSync(':memory:');
  db.exec(BUDGET_TABLES);
  const store = new SqliteBudgetStore({ usable: () => true, database: () => db, failed: () => undefined });
  return Promise.resolve({
    store,
    close: () => {
      db.close();
      return Promise.resolve();
    },
  });
});
