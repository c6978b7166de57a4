import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SqliteLedger } from '../../../src/ledger/sqlite/sqlite-ledger.ts';
import { documentedQueries } from '../documented-queries.ts';
import { cost, costEvent, unattributedEvent } from '../events.ts';

const folder = mkdtempSync(join(tmpdir(), 'costspan-documented-'));
const path = join(folder, 'costs.db');
let db: DatabaseSync;

beforeAll(async () => {
  const ledger = new SqliteLedger({ path });
  ledger.outbox.queue('http');
  ledger.write([
    costEvent({ context: { feature: 'chat' } }),
    costEvent({ status: 'error', errorType: 'timeout' }),
    costEvent({ cost: cost(undefined) }),
    unattributedEvent(),
  ]);
  await ledger.shutdown();
  db = new DatabaseSync(path, { readOnly: true });
});
afterAll(() => {
  db.close();
  rmSync(folder, { recursive: true, force: true });
});

const queries = documentedQueries('SQLite');

test('ten queries and more are documented', () => expect(queries.length).toBeGreaterThanOrEqual(10));

test.each(queries)('%s', (_, sql) => {
  expect(db.prepare(sql).all().length).toBeGreaterThan(0);
});

test('a documented sum is that of the events', () => {
  const [, sql = ''] = queries[0] ?? [];
  // Two of acme's three calls are priced at 0.0035.
  expect(db.prepare(sql).all()).toContainEqual({
    customer: 'acme',
    currency: 'USD',
    amount_e15: 7_000_000_000_000,
  });
});
