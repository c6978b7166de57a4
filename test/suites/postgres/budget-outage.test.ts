import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Budget } from '../../../src/budgets/budget.ts';
import { BudgetBook } from '../../../src/budgets/budget-book.ts';
import { BudgetKeeper } from '../../../src/budgets/budget-keeper.ts';
import { PostgresLedger } from '../../../src/ledger/postgres/postgres-ledger.ts';
import { PostgresServer } from './server.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await PostgresServer.create();
});
afterAll(() => server.destroy());

test('a database that goes away: allowed or blocked as configured, and counted when it is back', async () => {
  const ledger = new PostgresLedger({ connectionString: server.url, spool: false });
  const budget = (onStoreError: 'allow' | 'block') =>
    new Budget({
      id: onStoreError,
      match: { feature: onStoreError },
      limit: '1',
      period: 'total',
      action: 'block',
      onStoreError,
    });
  const book = new BudgetBook([budget('allow'), budget('block')]);
  const keeper = new BudgetKeeper({ book: () => book, store: ledger.budgets });
  let calls = 0;
  const make = async (feature: 'allow' | 'block'): Promise<string> => {
    const id = `${calls++}`;
    const call = {
      id,
      startTime: new Date(),
      context: { feature },
      provider: 'openai',
      operation: 'chat',
      model: 'gpt-4o',
    };
    const verdict = await keeper.admit(call, () => ({ cost: { most: '0.10' }, tokens: {} }));
    const isSent = verdict === undefined;
    const consumed = { cost: { amount: '0.10', currency: 'USD' }, tokens: '1' };
    keeper.settle(call, `event-${id}`, isSent ? consumed : undefined);
    return isSent ? 'sent' : 'refused';
  };
  expect([await make('allow'), await make('block')]).toEqual(['sent', 'sent']);
  await keeper.flush();
  server.stop('immediate');
  expect([await make('allow'), await make('block')]).toEqual(['sent', 'refused']);
  await keeper.flush();
  expect(keeper.state).toMatchObject({ status: 'failing', lost: 0 });
  expect(keeper.state.failures).toBeGreaterThan(0);
  expect(keeper.state.pending).toBeGreaterThan(0);
  server.start();
  await vi.waitUntil(() => keeper.state.pending === 0, { timeout: 60_000 });
  await vi.waitUntil(async () => (await make('block')) === 'sent', { timeout: 60_000 });
  // 0.10 before, and 0.10 that was allowed while the counters were away.
  expect(await keeper.status({ id: 'allow' })).toMatchObject([{ spent: '0.2', held: '0' }]);
  expect(keeper.state).toMatchObject({ status: 'ok', pending: 0, lost: 0 });
  keeper.stop();
  await ledger.shutdown();
});
