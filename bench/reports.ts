/**
 * How long a large ledger takes to answer: reports from the sums kept beside the events and from the events themselves,
 * a dashboard's first screen, and the first page of events behind a filter.
 * `node bench/reports.ts [--sqlite 10000000] [--postgres 2000000] [--customers 500] [--keep costs.db] [--index]`
 *
 * The first 50,000 events are written as an application writes them; the others are copies of these in SQL, with ids and
 * times of their own, and the sums are then added up from all of them by `rebuild()`.
 */
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { parseArgs } from 'node:util';
import pg from 'pg';
import type { CostLedger, CostQuery, EventQuery } from '../src/ledger/ledger.ts';
import { PostgresLedger } from '../src/ledger/postgres/postgres-ledger.ts';
import { openLedgerFile } from '../src/ledger/sqlite/open-ledger-file.ts';
import { SqliteLedger } from '../src/ledger/sqlite/sqlite-ledger.ts';
import { type CostEvent, createCostEvent } from '../src/metering/cost-event.ts';
import { PostgresServer } from '../test/suites/postgres/server.ts';

const { values: options } = parseArgs({
  options: {
    sqlite: { type: 'string', default: '10000000' },
    postgres: { type: 'string', default: '2000000' },
    customers: { type: 'string', default: '500' },
    // An SQLite file that is kept, and asked again when it is there.
    keep: { type: 'string' },
    // As `costspan ledger index` makes it: response and trace ids are found in the whole SQLite file.
    index: { type: 'boolean', default: false },
  },
});
const customers = Number(options.customers);
const FIRST = 50_000;
const [start, end] = [new Date('2026-11-01T00:00:00Z'), new Date('2026-12-01T00:00:00Z')];
const WINDOW = end.getTime() - start.getTime();
const MODELS = ['gpt-4o', 'gpt-4o-mini', 'gpt-4.1'];

/** One in ten thousand is of a customer, a project and an environment of its own. */
function event(index: number): CostEvent {
  const hex = index.toString(16).padStart(12, '0');
  const model = MODELS[index % 3] ?? 'gpt-4o';
  const isRare = index % 10_000 === 4_321;
  return createCostEvent({
    id: `019aa1c2-0000-7000-8000-${hex}`,
    kind: 'usage',
    timestamp: new Date(start.getTime() + Math.floor((index / FIRST) * WINDOW)),
    durationMs: 800 + (index % 100),
    customer: isRare ? 'rare' : `customer-${index % customers}`,
    attributionSource: 'scope',
    context: {
      feature: 'chat',
      project: isRare ? 'pilot' : `project-${index % 2}`,
      environment: isRare ? 'canary' : 'production',
    },
    provider: 'openai',
    operation: 'chat',
    requestModel: model,
    responseModel: `${model}-2024-08-06`,
    responseId: `chatcmpl-${hex}`,
    requestId: `req_${hex}${hex}`,
    serviceTier: 'default',
    serverAddress: 'api.openai.com',
    stream: false,
    status: index % 100 === 0 ? 'error' : 'ok',
    finishReasons: ['stop'],
    retries: 0,
    usage: {
      inputTokens: 2006,
      cacheReadTokens: 1920,
      outputTokens: 300,
      reasoningTokens: 0,
      totalTokens: 2306,
    },
    usageRaw: { prompt_tokens: 2006, completion_tokens: 300, prompt_tokens_details: { cached_tokens: 1920 } },
    usageSource: 'provider',
    cost: {
      status: 'priced',
      currency: 'USD',
      amount: '0.005615',
      source: 'local',
      lineItems: [
        { meter: 'input', quantity: '86', unitPrice: '2.5', per: '1000000', amount: '0.000215' },
        { meter: 'cache_read', quantity: '1920', unitPrice: '1.25', per: '1000000', amount: '0.0024' },
        { meter: 'output', quantity: '300', unitPrice: '10', per: '1000000', amount: '0.003' },
      ],
      price: { list: 'genai-prices@0.1.8', id: 'openai/gpt-4o' },
    },
    traceId: `0123456789abcdef0123${hex}`,
    spanId: `0123${hex}`,
    service: 'support-api',
  });
}

async function writeFirst(ledger: CostLedger): Promise<void> {
  for (let from = 0; from < FIRST; from += 1_000) {
    await ledger.write(Array.from({ length: 1_000 }, (_, index) => event(from + index)));
    await ledger.flush();
  }
}

async function loadSqlite(path: string, count: number): Promise<void> {
  const ledger = new SqliteLedger({ path, durability: 'batch' });
  await writeFirst(ledger);
  await ledger.shutdown();
  const db = new DatabaseSync(path);
  // A file that is only loaded to be asked may be lost.
  db.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -500000');
  const columns = db
    .prepare(
      "SELECT name FROM pragma_table_info('event') WHERE name NOT IN ('seq', 'id', 'time', 'response_id', 'trace_id')",
    )
    .all()
    .map(({ name }) => String(name));
  const copy = db.prepare(`INSERT INTO event (id, time, response_id, trace_id, ${columns.join(', ')})
    SELECT printf('019aa1c2-%04x-7000-8000-', ?1) || substr(id, 25), time + ?1, 'chatcmpl-' || hex(randomblob(12)),
      lower(hex(randomblob(16))), ${columns.join(', ')} FROM event WHERE seq <= ${FIRST}`);
  for (let each = 1; each < count / FIRST; each++) copy.run(each);
  db.exec('PRAGMA journal_mode = WAL');
  db.close();
  const file = openLedgerFile(path, { readOnly: false });
  await file.rebuild();
  await file.shutdown();
}

async function loadPostgres(ledger: PostgresLedger, url: string, count: number): Promise<void> {
  await writeFirst(ledger);
  const client = new pg.Client(url);
  await client.connect();
  const { rows } = await client.query<{ name: string }>(
    `SELECT column_name AS name FROM information_schema.columns WHERE table_schema = 'costspan' AND table_name = 'cost_event'
     AND is_generated = 'NEVER' AND is_identity = 'NO' AND column_name NOT IN ('id', 'time', 'response_id', 'trace_id')`,
  );
  const columns = rows.map(({ name }) => name).join(', ');
  const id = `overlay(id PLACING lpad(to_hex($1::int), 4, '0') FROM 10)`;
  for (let each = 1; each < count / FIRST; each++) {
    const first = `FROM costspan.cost_event WHERE id LIKE '019aa1c2-0000-%'`;
    await client.query(`INSERT INTO costspan.event_id SELECT ${id} ${first}`, [each]);
    await client.query(
      `INSERT INTO costspan.cost_event (id, time, response_id, trace_id, ${columns})
       SELECT ${id}, time + $1::int * interval '1 ms', 'chatcmpl-' || md5(id || $1), md5($1 || id), ${columns} ${first}`,
      [each],
    );
  }
  await client.query('VACUUM ANALYZE');
  await client.end();
  await ledger.rebuild();
}

async function fastest(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < 5; run++) {
    const before = performance.now();
    await work();
    times.push(performance.now() - before);
  }
  return Math.min(...times);
}

function show(what: string, milliseconds: number): void {
  console.log(`| ${what.padEnd(66)} | ${milliseconds.toFixed(milliseconds < 10 ? 1 : 0).padStart(8)} ms |`);
}

/** A filter that the sums do not know, and that every event passes: the same answer from the events. */
const FROM_EVENTS = { minCost: '0' } as const;

async function ask(ledger: CostLedger, isIndexed: boolean): Promise<void> {
  const report = async (what: string, query: CostQuery): Promise<void> =>
    show(what, await fastest(() => ledger.query({ start, end, ...query })));
  const page = async (what: string, query: EventQuery): Promise<void> =>
    show(
      `50 events, ${what}`,
      await fastest(async () => {
        for await (const _ of ledger.events({ limit: 50, order: 'desc', ...query }));
      }),
    );
  await report('the month in total', {});
  await report('the month by customer', { groupBy: ['customer'] });
  await report('the month by customer and model', { groupBy: ['customer', 'model'] });
  await report('the month by day in Berlin', { groupBy: ['day'], timeZone: 'Europe/Berlin' });
  await report('the month by project', { groupBy: ['context.project'] });
  await report('one customer by model', { customer: 'customer-7', groupBy: ['model'] });
  await report('one customer by day', { customer: 'customer-7', groupBy: ['day'] });
  show(
    'a first screen: total, by day and model, by day and customer, by model',
    await fastest(async () => {
      for (const groupBy of [[], ['day', 'model'], ['day', 'customer'], ['model']] as const)
        await ledger.query({ start, end, groupBy });
    }),
  );
  await report('from the events: the month in total', FROM_EVENTS);
  await report('from the events: the month by customer', { ...FROM_EVENTS, groupBy: ['customer'] });
  await report('from the events: one customer by model', {
    ...FROM_EVENTS,
    customer: 'customer-7',
    groupBy: ['model'],
  });
  await report('from the events: the month by environment', { groupBy: ['context.environment'] });
  const [sample] = await Array.fromAsync(ledger.events({ limit: 1, customer: 'customer-7' }));
  await page('the newest', {});
  await page('of a customer', { customer: 'customer-7' });
  await page('of a rare customer', { customer: 'rare' });
  await page('of a model', { model: 'gpt-4.1' });
  await page('with an error', { status: 'error' });
  await page('of a project', { context: { project: 'project-1' } });
  await page('of a rare project', { context: { project: 'pilot' } });
  await page('of a project that is not there', { context: { project: 'none' } });
  await page('of an environment, which the sums do not know', { context: { environment: 'production' } });
  await page('of a rare environment, within a day', {
    context: { environment: 'canary' },
    start: new Date('2026-11-20T00:00:00Z'),
    end: new Date('2026-11-21T00:00:00Z'),
  });
  const { responseId = '', traceId = '', timestamp = start } = sample ?? {};
  const day = { start: timestamp, end: new Date(timestamp.getTime() + 86_400_000) };
  await page('by response id, within a day', { responseId, ...day });
  await page('by trace id, within a day', { traceId, ...day });
  if (isIndexed) {
    await page('by response id', { responseId });
    await page('by trace id', { traceId });
  }
  await page('by id', { id: sample?.id ?? '' });
}

function head(what: string, count: number, seconds: number, bytes: number): void {
  const size = `${(bytes / 1e9).toFixed(1)} GB, ${Math.round(bytes / count)} bytes per event`;
  console.log(
    `\n${what}: ${count.toLocaleString('en-US')} events, ${size}, loaded in ${seconds.toFixed(0)} s\n`,
  );
}

async function sqlite(count: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'costspan-bench-'));
  const path = options.keep ?? join(folder, 'costs.db');
  try {
    const before = performance.now();
    if (!existsSync(path)) await loadSqlite(path, count);
    if (options.index) {
      const file = openLedgerFile(path, { readOnly: false });
      file.keepLookupIndex?.(true);
      await file.shutdown();
    }
    head('SQLite', count, (performance.now() - before) / 1000, statSync(path).size);
    const ledger = new SqliteLedger({ path });
    await ask(ledger, options.index);
    await ledger.shutdown();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function postgres(count: number): Promise<void> {
  const server = await PostgresServer.create();
  try {
    const ledger = new PostgresLedger({ connectionString: server.url, spool: false });
    const before = performance.now();
    await loadPostgres(ledger, server.url, count);
    const seconds = (performance.now() - before) / 1000;
    const client = new pg.Client(server.url);
    await client.connect();
    const { rows } = await client.query<{ size: string }>(
      'SELECT pg_database_size(current_database()) AS size',
    );
    await client.end();
    head('PostgreSQL', count, seconds, Number(rows[0]?.size));
    await ask(ledger, true);
    await ledger.shutdown();
  } finally {
    server.destroy();
  }
}

const counts = { sqlite: Number(options.sqlite), postgres: Number(options.postgres) };
if (counts.sqlite > 0) await sqlite(counts.sqlite);
if (counts.postgres > 0) await postgres(counts.postgres);
