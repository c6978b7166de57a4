import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PostgresLedger } from '../../../src/ledger/postgres/postgres-ledger.ts';
import { testBudgetsUnderLoad } from '../../budgets/load-contract.ts';
import { PostgresServer } from './server.ts';

let server: PostgresServer;
let schemas = 0;

beforeAll(async () => {
  server = await PostgresServer.create();
});
afterAll(() => server.destroy());

function open(schema: string): PostgresLedger {
  return new PostgresLedger({ connectionString: server.url, schema, spool: false });
}

testBudgetsUnderLoad('PostgreSQL', async () => {
  schemas += 1;
  const schema = `load_${schemas}`;
  const ready = open(schema);
  await ready.budgets.definitions.list();
  await ready.shutdown();
  return {
    address: `${server.url}#${schema}`,
    open: () => {
      const ledger = open(schema);
      return { store: ledger.budgets, close: () => ledger.shutdown() };
    },
  };
});

test('10,000 holds of several scopes from four clients at once never wait for each other in a circle', async () => {
  const clients = Array.from({ length: 4 }, () => open('circles'));
  const counters = Array.from({ length: 8 }, (_, index) => `counter-${index}`);
  const now = new Date();
  const expiresAt = new Date(now.getTime() + 600_000);
  let made = 0;
  /** Some of the counters, in any order: the store itself has to bring order into them. */
  const some = (at: number): string[] =>
    [0, 1, 2].map((step) => counters[(at * 5 + step * (1 + (at % 7))) % 8] ?? '');
  const lane = async ({ budgets }: PostgresLedger): Promise<void> => {
    while (made < 10_000) {
      const at = made++;
      const callId = `call-${at}`;
      const keys = [...new Set(some(at))].map((counter) => ({
        budgetId: 'b',
        counter,
        bucket: 0,
        from: 0,
        to: 1,
      }));
      const entries = keys.map((key) => ({ ...key, amount: '0.01', limit: '1000000', shrinks: false }));
      expect(await budgets.hold({ callId, now, expiresAt, entries })).toEqual({ admitted: true });
      if (at % 10 === 0) await budgets.release(callId);
      else if (at % 10 === 1) {
        const spent = keys.map((key) => ({
          ...key,
          amount: '0.01',
          limit: '1',
          thresholds: [],
          scope: '{}',
        }));
        await budgets.settle({ callId, eventId: callId, now, entries: spent });
      }
    }
  };
  await clients[0]?.budgets.definitions.list();
  await Promise.all(clients.flatMap((client) => [client, client, client].map(lane)));
  const client = new pg.Client(server.url);
  await client.connect();
  const { rows } = await client.query<{ deadlocks: string }>(
    'SELECT sum(deadlocks)::text AS deadlocks FROM pg_stat_database',
  );
  await client.end();
  expect(rows).toEqual([{ deadlocks: '0' }]);
  await Promise.all(clients.map((each) => each.shutdown()));
}, 240_000);
