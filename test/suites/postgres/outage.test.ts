import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createDelivery } from '../../../src/delivery/delivery.ts';
import { PostgresLedger } from '../../../src/ledger/postgres/postgres-ledger.ts';
import type { CostEvent } from '../../../src/metering/cost-event.ts';
import { costEvent } from '../../ledger/events.ts';
import { PostgresServer } from './server.ts';

let server: PostgresServer;
let folder: string;
let schemas = 0;
let schema: string;

beforeAll(async () => {
  server = await PostgresServer.create();
});
afterAll(() => server.destroy());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'costspan-spool-'));
  schemas += 1;
  schema = `outage_${schemas}`;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A minute where the project is checked; by hand a few seconds show the same. */
const OUTAGE_MS = process.env.CI === undefined ? 3_000 : 60_000;

const spool = (name = 'spool.db'): string => join(folder, name);
const open = (options: object = {}): PostgresLedger =>
  new PostgresLedger({ connectionString: server.url, schema, spool: spool(), ...options });

/** A writer, and the ids it has acknowledged, whole lines only. */
function writer(count: number): { child: ChildProcess; ids: () => string[]; ended: Promise<void> } {
  const script = new URL('writer.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [script, server.url, schema, spool(), String(count)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
  return { child, ids: () => out.split('\n').slice(0, -1), ended };
}

async function kept(): Promise<string[]> {
  const client = new pg.Client(server.url);
  await client.connect();
  const { rows } = await client.query<{ id: string }>(`SELECT id FROM ${schema}.cost_event`);
  await client.end();
  return rows.map(({ id }) => id);
}

function expectEachOnce(ids: readonly string[], acknowledged: readonly string[]): void {
  const there = new Set(ids);
  expect(there.size).toBe(ids.length);
  expect(acknowledged.filter((id) => !there.has(id))).toEqual([]);
}

describe('nothing is lost and nothing doubled', () => {
  test('by four processes of which one is killed, while a fifth reports', async () => {
    const writers = Array.from({ length: 4 }, () => writer(1_500));
    const reader = open({ spool: false });
    const counts: number[] = [];
    await vi.waitFor(() => expect(writers[0]?.ids().length).toBeGreaterThan(300), 30_000);
    writers[0]?.child.kill('SIGKILL');
    const state = { writing: true };
    const all = Promise.all(writers.map(({ ended }) => ended)).finally(() => (state.writing = false));
    all.catch(() => undefined);
    while (state.writing) {
      const [row] = await reader.query();
      counts.push(row?.events ?? 0);
      await sleep(50);
    }
    await all;
    // What the killed process left in the spool is brought by whoever opens it next.
    await open().shutdown();
    expectEachOnce(
      await kept(),
      writers.flatMap(({ ids }) => ids()),
    );
    expect(counts).toEqual(counts.toSorted((a, b) => a - b));
    const ids = await kept();
    const rows = await reader.query({ groupBy: ['customer'] });
    expect(rows.reduce((sum, { events }) => sum + events, 0)).toBe(ids.length);
    const before = rows;
    await reader.rebuild();
    expect(await reader.query({ groupBy: ['customer'] })).toEqual(before);
    await reader.shutdown();
  });

  test('by a database that is stopped under load and started again', async () => {
    const ledger = open();
    const written: string[] = [];
    const times: number[] = [];
    const state = { stop: false };
    const load = (async () => {
      while (!state.stop) {
        const event = costEvent();
        const start = performance.now();
        ledger.write([event]);
        times.push(performance.now() - start);
        written.push(event.id);
        await sleep(2);
      }
    })();
    await vi.waitFor(() => expect(ledger.health().sent).toBeGreaterThan(1_000), 60_000);
    const up = times.splice(0);
    server.stop('immediate');
    await vi.waitFor(() => expect(ledger.health()).toMatchObject({ status: 'failing' }), 30_000);
    await sleep(OUTAGE_MS);
    const down = times.splice(0);
    expect(ledger.health().pending).toBeGreaterThan(100);
    server.start();
    await vi.waitFor(() => expect(ledger.health().status).toBe('ok'), 60_000);
    state.stop = true;
    await load;
    await ledger.flush();
    expect(ledger.health()).toMatchObject({ status: 'ok', pending: 0, dropped: 0 });
    expectEachOnce(await kept(), written);
    // The caller cannot tell whether the database is there. Below a millisecond a busy machine alone makes the difference.
    const ratio = p99(down) / p99(up);
    console.info(
      `p99 of write(): ${p99(up).toFixed(3)} ms, and ${ratio.toFixed(2)} times that while the database was away`,
    );
    expect(p99(down)).toBeLessThan(Math.max(20, 5 * p99(up)));
    await ledger.shutdown();
  }, 240_000);

  test('by a process that starts while the database is away, and one that comes after it', async () => {
    server.stop();
    const ledger = open();
    const events = [costEvent(), costEvent()];
    ledger.write(events);
    await ledger.shutdown();
    expect(ledger.health()).toMatchObject({ dropped: 0 });
    server.start();
    const next = open();
    await next.flush();
    expect(new Set(await kept())).toEqual(new Set(events.map(({ id }) => id)));
    await next.shutdown();
  });

  test('by an event that no table takes: it is counted, the others are kept', async () => {
    const ledger = open();
    const good = [costEvent({ context: { text: 'nul \0 and half a pair \ud800' } }), costEvent()];
    ledger.write([...good, costEvent({ usage: { inputTokens: 1e300 } })]);
    await ledger.flush();
    expect(ledger.health()).toMatchObject({ sent: 2, dropped: 1, pending: 0 });
    expect(await kept()).toHaveLength(2);
    await ledger.shutdown();
  });
});

test('several processes deliver one ledger to a sink, each event once', async () => {
  const seen: string[] = [];
  const sink = () => ({
    name: 'seen',
    write: async (events: readonly CostEvent[]) => {
      await sleep(5);
      seen.push(...events.map(({ id }) => id));
    },
  });
  const ledgers = [open({ spool: spool('a') }), open({ spool: spool('b') })];
  const deliveries = ledgers.map((ledger) =>
    createDelivery([ledger, sink()], { batchDelayMs: 5, batchSize: 20 }),
  );
  await Promise.all(deliveries.map((delivery) => delivery.forceFlush()));
  const events = Array.from({ length: 400 }, () => costEvent());
  for (const [index, event] of events.entries()) deliveries[index % 2]?.accept(event);
  await vi.waitFor(() => expect(new Set(seen).size).toBe(400), 20_000);
  expect(seen).toHaveLength(400);
  await Promise.all(deliveries.map((delivery) => delivery.shutdown()));
});

test('facts between calls reach other processes', async () => {
  const [a, b] = [open({ spool: false }), open({ spool: false })];
  a.memory.remember('batch', 'batch_1', { customer: 'acme' });
  expect(a.memory.recall('batch', 'batch_1')).toEqual({ customer: 'acme' });
  await vi.waitFor(() => expect(b.memory.recall('batch', 'batch_1')).toEqual({ customer: 'acme' }), 10_000);
  await Promise.all([a.shutdown(), b.shutdown()]);
});

test('events are neither changed nor deleted, and months have partitions of their own', async () => {
  const ledger = open();
  ledger.write([costEvent({ timestamp: new Date() })]);
  await ledger.flush();
  const client = new pg.Client(server.url);
  await client.connect();
  await expect(client.query(`UPDATE ${schema}.cost_event SET amount = 9`)).rejects.toThrow('never changed');
  await expect(client.query(`DELETE FROM ${schema}.cost_event`)).rejects.toThrow('never changed');
  const { rows } = await client.query<{ relname: string }>(
    `SELECT relname FROM pg_class WHERE relkind = 'r' AND relname ~ 'cost_event_2' AND relnamespace = '${schema}'::regnamespace`,
  );
  // This month's, and the next made ahead.
  expect(rows).toHaveLength(2);
  await client.end();
  await ledger.shutdown();
});

test('a wrong option is refused with what was expected', () => {
  expect(() => new PostgresLedger({ conectionString: 'x' } as never)).toThrow(
    "Did you mean 'connectionString'?",
  );
  expect(() => new PostgresLedger({ connectionString: 'costs.db' })).toThrow(
    "an address like 'postgres://user@host/database'",
  );
  expect(() => new PostgresLedger({ connectionString: 'postgres://x', schema: 'A B' })).toThrow(
    "expected 'schema'",
  );
  expect(() => new PostgresLedger({ pool: {} as never })).toThrow("expected 'pool' to be a pg.Pool");
});

function p99(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.99)] ?? 0;
}
