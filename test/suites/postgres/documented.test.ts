import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PostgresLedger } from '../../../src/ledger/postgres/postgres-ledger.ts';
import { documentedQueries } from '../../ledger/documented-queries.ts';
import { cost, costEvent } from '../../ledger/events.ts';
import { PostgresServer } from './server.ts';

let server: PostgresServer;
let client: pg.Client;

beforeAll(async () => {
  server = await PostgresServer.create();
  const ledger = new PostgresLedger({ connectionString: server.url, spool: false });
  ledger.outbox.queue('http');
  ledger.write([
    costEvent({ context: { feature: 'chat' } }),
    costEvent({ timestamp: new Date() }),
    costEvent({ cost: cost(undefined) }),
  ]);
  await ledger.shutdown();
  client = new pg.Client(server.url);
  await client.connect();
  await client.query('SET search_path = costspan');
});
afterAll(async () => {
  await client.end();
  server.destroy();
});

const queries = documentedQueries('PostgreSQL');

test('ten queries and more are documented', () => expect(queries.length).toBeGreaterThanOrEqual(10));

test.each(queries)('%s', async (_, sql) => {
  expect((await client.query(sql)).rows.length).toBeGreaterThan(0);
});
