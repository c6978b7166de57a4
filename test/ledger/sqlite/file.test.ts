import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createDelivery } from '../../../src/delivery/delivery.ts';
import type { Claim } from '../../../src/delivery/outbox.ts';
import { openLedgerFile } from '../../../src/ledger/sqlite/open-ledger-file.ts';
import { APPLICATION_ID, migrate } from '../../../src/ledger/sqlite/schema.ts';
import { SqliteLedger } from '../../../src/ledger/sqlite/sqlite-ledger.ts';
import type { CostEvent } from '../../../src/metering/cost-event.ts';
import { collect, cost, costEvent } from '../events.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'costspan-file-'));
  path = join(folder, 'costs.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function remove(): void {
  for (const end of ['', '-wal', '-shm']) rmSync(path + end, { force: true });
}

function idsIn(file: string): string[] {
  const db = new DatabaseSync(file);
  const ids = db.prepare('SELECT id FROM cost_event ORDER BY id').all();
  db.close();
  return ids.map(({ id }) => String(id));
}

const ids = (events: readonly CostEvent[]): string[] => events.map(({ id }) => id).toSorted();

describe('a file that goes under the process is noticed within a second', () => {
  const ways: [string, () => void][] = [
    ['removed', remove],
    ['renamed', () => renameSync(path, join(folder, 'moved.db'))],
    [
      'replaced by an older copy',
      () => {
        remove();
        cpSync(join(folder, 'copy.db'), path);
      },
    ],
  ];

  test.each(ways)('%s: what was written since is in a new file', async (_, vanish) => {
    const ledger = new SqliteLedger({ path });
    const copy = new SqliteLedger({ path: join(folder, 'copy.db') });
    await copy.shutdown();
    ledger.write([costEvent()]);
    await new Promise((resolve) => setTimeout(resolve, 600));
    vanish();
    const later = Array.from({ length: 5 }, () => costEvent());
    for (const event of later) ledger.write([event]);
    await vi.waitFor(() => expect(idsIn(path)).toEqual(expect.arrayContaining(ids(later))), 1_500);
    const more = costEvent();
    ledger.write([more]);
    expect(idsIn(path)).toContain(more.id);
    expect(ledger.health()).toMatchObject({ status: 'ok', pending: 0 });
    expect(await collect(ledger.events({ id: more.id }))).toHaveLength(1);
    await ledger.shutdown();
  });

  test('removed with its folder: it is said, and kept once the folder is back', async () => {
    const ledger = new SqliteLedger({ path });
    rmSync(folder, { recursive: true });
    const event = costEvent();
    ledger.write([event]);
    await vi.waitFor(() => expect(ledger.health()).toMatchObject({ status: 'failing', pending: 1 }), 1_500);
    expect(ledger.health().lastError).toContain('does not exist. Create it');
    await ledger.shutdown();
  });

  test('removed: what a sink has not had yet is still delivered', async () => {
    const seen: string[] = [];
    let up = false;
    const sink = {
      name: 'later',
      write: async (events: readonly CostEvent[]) => {
        if (!up) throw new Error('down');
        seen.push(...ids(events));
      },
    };
    const ledger = new SqliteLedger({ path });
    const delivery = createDelivery([ledger, sink], { firstRetryMs: 10, lastRetryMs: 20, batchDelayMs: 5 });
    const events = [costEvent(), costEvent()];
    for (const event of events) delivery.accept(event);
    await delivery.forceFlush();
    await new Promise((resolve) => setTimeout(resolve, 700));
    remove();
    await vi.waitFor(() => expect(idsIn(path)).toEqual(ids(events)), 1_500);
    up = true;
    await vi.waitFor(() => expect([...new Set(seen)].toSorted()).toEqual(ids(events)), 5_000);
    await delivery.shutdown();
  });
});

test('events are neither changed nor deleted, by whomever', () => {
  const ledger = new SqliteLedger({ path });
  ledger.write([costEvent()]);
  const db = new DatabaseSync(path);
  const statements = [
    `UPDATE event SET amount = '999'`,
    'DELETE FROM event',
    `UPDATE cost_event SET amount = '999'`,
    'DELETE FROM cost_event',
    `UPDATE dimension SET customer = 'evil'`,
    'DELETE FROM dimension',
    `UPDATE shared_facts SET facts = '{}'`,
  ];
  for (const sql of statements) expect(() => db.exec(sql)).toThrow(/cost events are never/);
  db.close();
});

/** Frames of a write-ahead log that end a transaction (https://sqlite.org/fileformat2.html#the_write_ahead_log). */
function commitsIn(wal: Buffer): number {
  const frame = 24 + wal.readUInt32BE(8);
  let commits = 0;
  for (let at = 32; at + frame <= wal.length; at += frame) if (wal.readUInt32BE(at + 4) > 0) commits++;
  return commits;
}

test('a file of 25,000 lines read in one go is committed in a few transactions', async () => {
  const ledger = new SqliteLedger({ path });
  const events = Array.from({ length: 25_000 }, () => costEvent());
  for (const event of events) ledger.write([event]);
  const db = new DatabaseSync(path, { readOnly: true });
  await Promise.resolve();
  expect(db.prepare('SELECT count(*) AS events FROM event').get()).toEqual({ events: 25_000 });
  const commits = commitsIn(readFileSync(`${path}-wal`));
  expect(commits).toBeGreaterThan(0);
  expect(commits).toBeLessThan(100);
  expect(ledger.health()).toMatchObject({ sent: 25_000, pending: 0, dropped: 0 });
  db.close();
  await ledger.shutdown();
});

test('batch: a full buffer commits instead of dropping', async () => {
  const ledger = new SqliteLedger({ path, durability: 'batch' });
  for (let line = 0; line < 25_000; line++) ledger.write([costEvent()]);
  expect(ledger.health().dropped).toBe(0);
  await ledger.flush();
  expect(ledger.health()).toMatchObject({ status: 'ok', sent: 25_000, pending: 0 });
  await ledger.shutdown();
});

describe('a file of an older version', () => {
  function older(version: number): DatabaseSync {
    const db = new DatabaseSync(path);
    db.exec(`PRAGMA application_id = ${APPLICATION_ID}; BEGIN`);
    migrate(db, 0, version);
    db.exec('COMMIT');
    return db;
  }

  /** As version 1 wrote it. */
  function insert(db: DatabaseSync, event: CostEvent): void {
    const json: unknown = event.toJSON();
    const { usage, cost: money, context } = json as Record<string, Record<string, never>>;
    db.prepare(
      `INSERT INTO cost_event (id, kind, adjusts, time, kept_at, customer, attribution_source, provider, operation, model,
         request_model, service, status, usage_source, cost_status, currency, amount, amount_e15, input_tokens,
         output_tokens, total_tokens, other_usage, context, event)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ).run(
      event.id,
      event.kind,
      event.adjusts ?? null,
      event.timestamp.getTime(),
      1,
      event.customer,
      event.attributionSource ?? null,
      event.provider,
      event.operation,
      event.responseModel ?? null,
      event.requestModel ?? null,
      event.service ?? null,
      event.status,
      event.usageSource,
      event.cost.status,
      event.cost.currency ?? null,
      event.cost.amount ?? null,
      money?.amount === undefined ? null : BigInt(Math.round(Number(money.amount) * 1e6)) * 1_000_000_000n,
      usage?.input_tokens ?? null,
      usage?.output_tokens ?? null,
      usage?.total_tokens ?? null,
      usage?.output_audio_tokens === undefined
        ? null
        : JSON.stringify({ output_audio_tokens: usage.output_audio_tokens }),
      Object.keys(context ?? {}).length === 0 ? null : JSON.stringify(context),
      JSON.stringify(json),
    );
  }

  test('is brought up to date with every event, sum and outbox as it was', async () => {
    const events = [
      costEvent({ context: { feature: 'chat', seats: 3 } }),
      costEvent({ usage: { inputTokens: 5, outputAudioTokens: 0 }, errorType: 'timeout', status: 'error' }),
      costEvent({ cost: cost(undefined), customer: null }),
    ];
    const adjustment = costEvent({
      kind: 'adjustment',
      adjusts: events[2]?.id ?? '',
      usage: {},
      cost: cost('0.5'),
    });
    const db = older(1);
    for (const event of [...events, adjustment]) insert(db, event);
    db.exec(`INSERT INTO outbox_sink (sink, cursor) VALUES ('http', 2);
      INSERT INTO outbox_entry VALUES ('http', 1, 'dead', 1, 0, 0, 'no', NULL, NULL)`);
    db.close();
    const ledger = new SqliteLedger({ path });
    const read = await collect(ledger.events());
    const json = (list: readonly CostEvent[]): unknown[] =>
      list.map((event) => event.toJSON()).toSorted((a, b) => a.id.localeCompare(b.id));
    expect(json(read)).toEqual(json([...events, adjustment]));
    // 2 × 0.0035 + 0.5
    expect(await ledger.query()).toMatchObject([{ events: 3, amount: '0.507', unpriced: 0, errors: 1 }]);
    await vi.waitFor(() => {
      const file = new DatabaseSync(path, { readOnly: true });
      expect(file.prepare(`SELECT count(*) AS left FROM setting WHERE name = 'roll_up_to'`).get()).toEqual({
        left: 0,
      });
      file.close();
    });
    expect(await ledger.query()).toMatchObject([{ events: 3, amount: '0.507', unpriced: 0, errors: 1 }]);
    expect(ledger.outbox.queue('http').backlog()).toMatchObject({ pending: 2, dead: 1 });
    await ledger.shutdown();
  });

  test('is refused by a program that only reads, with what to do', () => {
    older(1).close();
    expect(() => openLedgerFile(path)).toThrow('Start the application once with this version');
  });
});

describe('an event set aside is due', () => {
  afterEach(() => vi.useRealTimers());

  test('although the clock was set back a day, and not before without that', () => {
    const ledger = new SqliteLedger({ path });
    const queue = ledger.outbox.queue('http');
    ledger.write([costEvent()]);
    const claim = queue.claim(1) as Claim;
    void queue.settle(claim.entries, { kind: 'later', delayMs: 300_000, failure: { message: 'down' } });
    expect(queue.claim(1)).toMatchObject({ entries: [], wait: { reason: 'parked' } });
    vi.useFakeTimers({ now: Date.now() - 86_400_000, toFake: ['Date'] });
    expect(queue.claim(1)).toMatchObject({ entries: [{ parked: true }] });
  });
});

test('what waits is counted as it comes and goes', () => {
  const ledger = new SqliteLedger({ path });
  const queue = ledger.outbox.queue('http');
  const events = Array.from({ length: 5 }, () => costEvent());
  ledger.write(events);
  expect(queue.backlog()).toMatchObject({ pending: 5, dead: 0 });
  const { entries } = queue.claim(5) as Claim;
  void queue.settle(entries.slice(0, 1), { kind: 'sent' });
  void queue.settle(entries.slice(1, 2), { kind: 'later', delayMs: 60_000, failure: { message: 'no' } });
  void queue.settle(entries.slice(2, 3), { kind: 'dead', failure: { message: 'no' } });
  expect(queue.backlog()).toMatchObject({ pending: 3, dead: 1 });
});

test('a large ledger answers from another thread, and the same', async () => {
  const ledger = new SqliteLedger({ path, durability: 'batch' });
  const events = Array.from({ length: 3_000 }, (_, index) => costEvent({ customer: `c${index % 3}` }));
  for (const event of events) ledger.write([event]);
  // 1,000 × 0.0035 each
  const rows = ['c0', 'c1', 'c2'].map((customer) => ({ group: { customer }, events: 1_000, amount: '3.5' }));
  expect(await ledger.query({ groupBy: ['customer'] })).toMatchObject(rows);
  expect(await collect(ledger.events({ customer: 'c1' }))).toHaveLength(1_000);
  await ledger.shutdown();
  expect(idsIn(path)).toEqual(ids(events));
});

test('the sums can be kept by other context entries, also of a ledger that is there', async () => {
  const first = new SqliteLedger({ path });
  first.write(Array.from({ length: 500 }, (_, index) => costEvent({ context: { seat: `s${index % 2}` } })));
  await first.shutdown();
  const ledger = new SqliteLedger({ path, rollUp: ['seat'] });
  ledger.write([costEvent({ context: { seat: 's1' } })]);
  const expected = [
    { group: { 'context.seat': 's0' }, events: 250 },
    { group: { 'context.seat': 's1' }, events: 251 },
  ];
  expect(await ledger.query({ groupBy: ['context.seat'] })).toMatchObject(expected);
  await vi.waitFor(() => {
    const db = new DatabaseSync(path, { readOnly: true });
    expect(
      db.prepare(`SELECT count(DISTINCT context) AS sums FROM slice WHERE context LIKE '%seat%'`).get(),
    ).toEqual({
      sums: 2,
    });
    expect(db.prepare(`SELECT count(*) AS left FROM setting WHERE name = 'roll_up_to'`).get()).toEqual({
      left: 0,
    });
    db.close();
  });
  expect(await ledger.query({ groupBy: ['context.seat'] })).toMatchObject(expected);
  await ledger.shutdown();
  expect(() => new SqliteLedger({ path, rollUp: 'seat' as never })).toThrow("expected 'rollUp' to be a list");
});

test('the application’s stderr hears nothing of an experimental SQLite, from either thread', () => {
  const script = `
    import { SqliteLedger } from './src/ledger/sqlite/sqlite-ledger.ts';
    import { costEvent } from './test/ledger/events.ts';
    const ledger = new SqliteLedger({ path: process.argv[1] });
    ledger.write(Array.from({ length: 3_000 }, () => costEvent()));
    console.log((await ledger.query())[0].events);
    await ledger.shutdown();`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script, path], {
    encoding: 'utf8',
  });
  expect(stdout).toBe('3000\n');
  expect(stderr).not.toMatch(/sqlite/i);
});

const HOLDS_IT_FOR_A_MOMENT = `
  const db = new (require('node:sqlite').DatabaseSync)(process.argv[1]);
  db.exec('BEGIN IMMEDIATE');
  console.log('locked');
  setTimeout(() => db.exec('ROLLBACK'), 200);`;

test('a file that another process is turning into a WAL database is waited for', async () => {
  await new SqliteLedger({ path }).shutdown();
  const db = new DatabaseSync(path);
  db.exec('PRAGMA journal_mode = DELETE');
  db.close();
  // A process: the locks of a thread are this process's own.
  const other = spawn(process.execPath, ['-e', HOLDS_IT_FOR_A_MOMENT, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(other, 'exit');
  await once(other.stdout, 'data');
  const ledger = new SqliteLedger({ path });
  expect(ledger.health().status).toBe('ok');
  await ledger.shutdown();
  await ended;
});
