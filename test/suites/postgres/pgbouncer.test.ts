import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PostgresLedger } from '../../../src/ledger/postgres/postgres-ledger.ts';
import { testBudgetStore } from '../../budgets/store-contract.ts';
import { testLedger } from '../../ledger/contract.ts';
import { costEvent } from '../../ledger/events.ts';
import { PgBouncer } from './pgbouncer.ts';
import { PostgresServer } from './server.ts';

let server: PostgresServer;
let bouncer: PgBouncer;
let folder: string;
let schemas = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'costspan-spool-'));
  server = await PostgresServer.create();
  bouncer = await PgBouncer.create(server);
});
afterAll(async () => {
  await bouncer.destroy();
  server.destroy();
  rmSync(folder, { recursive: true, force: true });
});

async function open(spool: string | false = false): Promise<PostgresLedger> {
  schemas += 1;
  return new PostgresLedger({ connectionString: bouncer.url, schema: `bounced_${schemas}`, spool });
}

testLedger('PostgresLedger behind PgBouncer', () => open(join(folder, `${schemas}.db`)));

testBudgetStore('budgets behind PgBouncer', async () => {
  const ledger = await open();
  return { store: ledger.budgets, close: () => ledger.shutdown() };
});

test('the pooler really gives the connections of one client to others', async () => {
  const clients = await Promise.all(
    Array.from({ length: 6 }, async () => {
      const client = new pg.Client(bouncer.url);
      await client.connect();
      return client;
    }),
  );
  const pids = await Promise.all(
    clients.map(
      async (client) => (await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]?.pid,
    ),
  );
  // Six clients, two connections.
  expect(new Set(pids).size).toBeLessThanOrEqual(2);
  await Promise.all(clients.map((client) => client.end()));
});

test('six ledgers at once write and ask through two connections', async () => {
  schemas += 1;
  const ledgers = Array.from(
    { length: 6 },
    () => new PostgresLedger({ connectionString: bouncer.url, schema: `bounced_${schemas}`, spool: false }),
  );
  const [first] = ledgers;
  await Promise.all(
    ledgers.map(async (ledger, index) => {
      for (let round = 0; round < 5; round++) {
        ledger.write(Array.from({ length: 10 }, () => costEvent({ customer: `customer-${index}` })));
        await ledger.flush();
        await ledger.query({ groupBy: ['customer'] });
      }
    }),
  );
  // 6 ledgers × 5 rounds × 10 events
  expect(await first?.query()).toMatchObject([{ events: 300 }]);
  await Promise.all(ledgers.map((ledger) => ledger.shutdown()));
});
