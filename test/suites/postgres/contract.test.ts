import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { PostgresLedger } from '../../../src/ledger/postgres/postgres-ledger.ts';
import { testLedger } from '../../ledger/contract.ts';
import { PostgresServer } from './server.ts';

let server: PostgresServer;
let folder: string;
let schemas = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'costspan-spool-'));
  server = await PostgresServer.create();
});
afterAll(() => {
  server.destroy();
  rmSync(folder, { recursive: true, force: true });
});

testLedger('PostgresLedger', async () => {
  schemas += 1;
  return new PostgresLedger({
    connectionString: server.url,
    schema: `contract_${schemas}`,
    spool: join(folder, `${schemas}.db`),
  });
});
