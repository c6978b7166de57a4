import { Writable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TOOLS } from '../../../src/cli/mcp/tools.ts';
import { runCli } from '../../../src/cli/program.ts';
import { withLedger } from '../../../src/cli/with-ledger.ts';
import { PostgresLedger } from '../../../src/ledger/postgres/postgres-ledger.ts';
import { cost, costEvent } from '../../ledger/events.ts';
import { PostgresServer } from './server.ts';

let server: PostgresServer;

beforeAll(async () => {
  server = await PostgresServer.create();
  const ledger = new PostgresLedger({ connectionString: server.url, spool: false });
  ledger.outbox.queue('billing');
  // gpt-4o is in the catalogue: an event that was left unpriced can be priced.
  ledger.write([costEvent({ cost: cost('1.25') }), costEvent({ customer: 'globex', cost: cost(undefined) })]);
  await ledger.shutdown();
});
afterAll(() => server.destroy());

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const text = { out: '', err: '' };
  const into = (name: 'out' | 'err') =>
    new Writable({
      write(chunk, _, done) {
        text[name] += String(chunk);
        done();
      },
    });
  const code = await runCli(args, { stdout: into('out'), stderr: into('err') } as never);
  return { code, ...text };
}

test('report, events, outbox, customers and ledger take postgres:// for a file', async () => {
  const db = ['--db', server.url];
  const report = await run('report', ...db);
  expect(report).toMatchObject({ code: 0 });
  expect(report.out).toContain('acme');
  expect((await run('events', ...db, '--json')).out.trim().split('\n')).toHaveLength(2);
  expect((await run('outbox', 'list', ...db)).out).toContain('billing: 2 pending');
  expect((await run('customers', 'list', ...db)).out).toContain('globex');
  expect(await run('ledger', 'verify', ...db)).toMatchObject({ code: 0 });
});

test('reprice books in the database, once', async () => {
  const db = ['--db', server.url];
  expect((await run('reprice', ...db)).out).toContain('Added 1 adjustment');
  expect((await run('reprice', ...db)).out).toContain('Nothing changes');
});

test.each(TOOLS.filter(({ name }) => name !== 'explain'))(
  'the tool $name answers assistants from the database',
  async (tool) => {
    const { data } = await withLedger(server.url, (ledger) => tool.answer(ledger, {}));
    // 1.25, and what was priced later: 1,000 × $2.5/M + 100 × $10/M
    expect(data).toMatchObject({ totals: [{ currency: 'USD', amount: '1.2535', events: 2, unpriced: 0 }] });
  },
);

test('a database that is not there is said in one line', async () => {
  const { code, err } = await run('report', '--db', 'postgres://nobody@127.0.0.1:1/none');
  expect(code).not.toBe(0);
  expect(err).toContain('The PostgreSQL ledger cannot be reached or used');
});
