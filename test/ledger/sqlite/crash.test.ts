import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openLedgerFile } from '../../../src/ledger/sqlite/open-ledger-file.ts';
import { SqliteLedger } from '../../../src/ledger/sqlite/sqlite-ledger.ts';
import { Receiver } from '../../sinks/receiver.ts';

const FIXTURES = new URL('../../fixtures/ledger/', import.meta.url).pathname;

let folder: string;
let path: string;
let receiver: Receiver;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'costspan-crash-'));
  path = join(folder, 'costs.db');
  receiver = await Receiver.start();
});
afterEach(async () => {
  await receiver.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A process and the ids it has acknowledged, whole lines only. */
function run(
  script: string,
  ...args: string[]
): { child: ChildProcess; acknowledged: () => string[]; ended: Promise<void> } {
  const child = spawn(process.execPath, [join(FIXTURES, script), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const ended = new Promise<void>((resolve, reject) => {
    child.on('close', (code, signal) => {
      if (code === 0 || signal === 'SIGKILL') resolve();
      else reject(new Error(`${script} ended with ${code ?? signal}: ${errors}`));
    });
  });
  return { child, acknowledged: () => out.split('\n').slice(0, -1), ended };
}

/** Lets a writer work for a random while, then kills it. */
async function runAndKill(...args: string[]): Promise<string[]> {
  const { child, acknowledged, ended } = run('writer.ts', path, '1000000', ...args);
  while (acknowledged().length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 150));
  child.kill('SIGKILL');
  await ended;
  return acknowledged();
}

/** What the next reader finds. The writers killed last may have left events beside the file, which it brings in. */
async function kept(): Promise<string[]> {
  await openLedgerFile(path).shutdown();
  const db = new DatabaseSync(path);
  const ids = db
    .prepare('SELECT id FROM cost_event')
    .all()
    .map((row) => String(row.id));
  expect(db.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
  db.close();
  return ids;
}

function arrived(): string[] {
  return receiver.requests.flatMap(({ body }) => (JSON.parse(body) as { id: string }[]).map(({ id }) => id));
}

function missing(from: readonly string[], expected: readonly string[]): string[] {
  const there = new Set(from);
  return expected.filter((id) => !there.has(id));
}

describe('kill -9', () => {
  test.each([[1], [4]])(
    'loses and doubles nothing acknowledged by %i writers',
    async (writers) => {
      const acknowledged: string[] = [];
      for (let round = 0; round < 4; round++) {
        const rounds = await Promise.all(Array.from({ length: writers }, () => runAndKill()));
        acknowledged.push(...rounds.flat());
      }
      const ids = await kept();
      expect(missing(ids, acknowledged)).toEqual([]);
      expect(new Set(ids).size).toBe(ids.length);
      // A writer is killed at most once between its commit and its word.
      expect(ids.length - acknowledged.length).toBeLessThanOrEqual(4 * writers);
    },
    120_000,
  );

  test('every acknowledged event reaches the sink, and few reach it twice', async () => {
    const acknowledged: string[] = [];
    for (let round = 0; round < 4; round++) acknowledged.push(...(await runAndKill(receiver.url)));
    const last = run('writer.ts', path, '1', receiver.url);
    await last.ended;
    expect(missing(arrived(), [...acknowledged, ...last.acknowledged()])).toEqual([]);
    // At each kill one batch of 20 may have been on its way.
    expect(arrived().length - new Set(arrived()).size).toBeLessThanOrEqual(4 * 20);
  }, 120_000);
});

describe('several writers on one ledger', () => {
  test('four of which one is killed, while a fifth reports: nothing lost, nothing twice, every sum right', async () => {
    const writers = Array.from({ length: 4 }, () => run('writer.ts', path, '1500'));
    await vi.waitFor(() => expect(writers[0]?.acknowledged().length).toBeGreaterThan(300), 60_000);
    const reader = new SqliteLedger({ path });
    const counts: number[] = [];
    writers[0]?.child.kill('SIGKILL');
    const state = { writing: true };
    const all = Promise.all(writers.map(({ ended }) => ended)).finally(() => (state.writing = false));
    all.catch(() => undefined);
    while (state.writing) {
      const [row] = await reader.query();
      counts.push(row?.events ?? 0);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await all;
    const ids = await kept();
    expect(
      missing(
        ids,
        writers.flatMap((writer) => writer.acknowledged()),
      ),
    ).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
    expect(counts).toEqual(counts.toSorted((a, b) => a - b));
    const rows = await reader.query({ groupBy: ['customer', 'model'] });
    expect(rows.reduce((sum, { events }) => sum + events, 0)).toBe(ids.length);
    await reader.rebuild();
    expect(await reader.query({ groupBy: ['customer', 'model'] })).toEqual(rows);
    await reader.shutdown();
  }, 120_000);

  test('two processes deliver each event, and none twice', async () => {
    const writers = [
      run('writer.ts', path, '300', receiver.url),
      run('writer.ts', path, '300', receiver.url),
    ];
    await Promise.all(writers.map(({ ended }) => ended));
    const acknowledged = writers.flatMap((writer) => writer.acknowledged());
    expect(acknowledged).toHaveLength(600);
    expect(arrived().toSorted()).toEqual(acknowledged.toSorted());
  }, 60_000);

  test.each(['threads', 'cluster'])(
    'four workers (%s) keep and deliver every event',
    async (kind) => {
      const writers = run('threads.ts', kind, path, '100', receiver.url);
      await writers.ended;
      expect(writers.acknowledged()).toHaveLength(400);
      expect((await kept()).toSorted()).toEqual(writers.acknowledged().toSorted());
      // At least once: a machine that is busy for longer than a lease may see a batch offered again, under the same ids.
      expect([...new Set(arrived())].toSorted()).toEqual(writers.acknowledged().toSorted());
    },
    120_000,
  );
});
