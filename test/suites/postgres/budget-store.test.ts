import { afterAll, beforeAll } from 'vitest';
import { PostgresLedger } from '../../../src/ledger/postgres/postgres-ledger.ts';
import { testBudgetStore } from '../../budgets/store-contract.ts';
import { PostgresServer } from './server.ts';

let server: PostgresServer;
let schemas = 0;

beforeAll(async () => {
  server = await PostgresServer.create();
});
afterAll(() => server.destroy());

testBudgetStore('budgets in PostgreSQL', async () => {
  schemas += 1;
  const ledger = new PostgresLedger({
    connectionString: server.url,
    schema: `budgets_${schemas}`,
    spool: false,
  });
  return { store: ledger.budgets, close: () => ledger.shutdown() };
});
