// Writes events to a PostgreSQL ledger, some thousand a second, and says their ids once write() has returned.
// Usage: writer.ts <url> <schema> <spool> <count>
import { randomUUID } from 'node:crypto';
import { PostgresLedger } from '../../../src/ledger/postgres/postgres-ledger.ts';
import { costEvent } from '../../ledger/events.ts';
import { say } from '../../support/say.ts';

const [connectionString = '', schema = '', spool = '', count = '0'] = process.argv.slice(2);
const ledger = new PostgresLedger({ connectionString, schema, spool });
for (let written = 0; written < Number(count); written++) {
  const id = randomUUID();
  ledger.write([costEvent({ id, customer: `customer-${written % 5}` })]);
  say(id);
  if (written % 10 === 9) await new Promise((resolve) => setTimeout(resolve, 2));
}
await ledger.shutdown();
