import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { CostEvent } from '../../../src/metering/cost-event.ts';
import { openLedgerFile } from '../../../src/ledger/sqlite/open-ledger-file.ts';
import { SqliteLedger } from '../../../src/ledger/sqlite/sqlite-ledger.ts';
import { costEvent } from '../../cli/events.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'costspan-waiting-'));
  path = join(folder, 'costs.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const waitingFiles = (): string[] => readdirSync(folder).filter((name) => name.includes('-waiting-'));

async function idsIn(ledger: SqliteLedger): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of ledger.events()) ids.push(id);
  return ids.toSorted();
}

/** The number of a process that has ended. */
function deadPid(): number {
  return spawnSync(process.execPath, ['-e', '0']).pid;
}

/** What a process left that was killed while another one had the ledger locked. */
function leave(owner: string, events: readonly CostEvent[], rest = ''): void {
  writeFileSync(
    `${path}-waiting-${owner}`,
    events.map((event) => `${JSON.stringify(event)}\n`).join('') + rest,
  );
}

test('an event that a lock keeps out is on the disk when write returns, and in the ledger when the lock is gone', async () => {
  const ledger = new SqliteLedger({ path });
  const other = new DatabaseSync(path);
  other.exec('BEGIN IMMEDIATE');
  ledger.write([costEvent(1)]);
  ledger.write([costEvent(2)]);
  expect(waitingFiles()).toHaveLength(1);
  other.exec('COMMIT');
  other.close();
  await vi.waitUntil(() => ledger.health().pending === 0);
  expect(waitingFiles()).toEqual([]);
  expect(await idsIn(ledger)).toEqual([costEvent(1).id, costEvent(2).id].toSorted());
  await ledger.shutdown();
});

test('what a killed process left is kept by the next one that opens the ledger', async () => {
  await new SqliteLedger({ path }).shutdown();
  leave(`${deadPid()}-0`, [costEvent(1), costEvent(2)], '{"id":"half a li');
  const ledger = new SqliteLedger({ path });
  expect(await idsIn(ledger)).toEqual([costEvent(1).id, costEvent(2).id].toSorted());
  expect(waitingFiles()).toEqual([]);
  await ledger.shutdown();
});

test('it is kept by one that is running already, within a second', async () => {
  const ledger = new SqliteLedger({ path });
  leave(`${deadPid()}-0`, [costEvent(1)]);
  await vi.waitUntil(() => waitingFiles().length === 0, { timeout: 5_000 });
  expect(await idsIn(ledger)).toEqual([costEvent(1).id]);
  await ledger.shutdown();
});

test('a process of the same number as the killed one keeps it, too', async () => {
  await new SqliteLedger({ path }).shutdown();
  leave(`${process.pid}-0`, [costEvent(1)]);
  const ledger = new SqliteLedger({ path });
  expect(await idsIn(ledger)).toEqual([costEvent(1).id]);
  await ledger.shutdown();
});

test('what a process that still runs has written down is left to it', async () => {
  await new SqliteLedger({ path }).shutdown();
  leave(`${process.ppid}-0`, [costEvent(1)]);
  const ledger = new SqliteLedger({ path });
  expect(await idsIn(ledger)).toEqual([]);
  expect(waitingFiles()).toHaveLength(1);
  await ledger.shutdown();
});

test('an event that is in the ledger already is there once', async () => {
  const first = new SqliteLedger({ path });
  first.write([costEvent(1)]);
  await first.shutdown();
  leave(`${deadPid()}-0`, [costEvent(1)]);
  const ledger = new SqliteLedger({ path });
  expect(await idsIn(ledger)).toEqual([costEvent(1).id]);
  await ledger.shutdown();
  expect(existsSync(path)).toBe(true);
});

test('a file of which a line cannot be read is taken as far as it goes, and left where it is', async () => {
  await new SqliteLedger({ path }).shutdown();
  leave(`${deadPid()}-0`, [costEvent(1)], '{"id":broken}\n');
  const ledger = new SqliteLedger({ path });
  expect(await idsIn(ledger)).toEqual([costEvent(1).id]);
  expect(waitingFiles()).toHaveLength(1);
  await ledger.shutdown();
});

test('a command that reads counts what a killed process left, before any application runs again', async () => {
  await new SqliteLedger({ path }).shutdown();
  leave(`${deadPid()}-0`, [costEvent(1), costEvent(2)]);
  const opened = openLedgerFile(path, { readOnly: true });
  const [row] = await opened.query({});
  expect(row?.events).toBe(2);
  expect(waitingFiles()).toEqual([]);
  await opened.shutdown();
});
