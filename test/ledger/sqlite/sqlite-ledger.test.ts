import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { diag, DiagLogLevel } from '@opentelemetry/api';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openLedgerFile } from '../../../src/ledger/sqlite/open-ledger-file.ts';
import { SqliteLedger } from '../../../src/ledger/sqlite/sqlite-ledger.ts';
import type { CostEvent } from '../../../src/metering/cost-event.ts';
import { createDelivery } from '../../../src/delivery/delivery.ts';
import { testLedger } from '../contract.ts';
import { collect, cost, costEvent } from '../events.ts';

let folder: string;
let files = 0;
const said: string[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'costspan-ledger-'));
  said.length = 0;
  const say = (message: string): void => void said.push(message);
  diag.setLogger(
    { error: say, warn: say, info: say, debug: say, verbose: say },
    { logLevel: DiagLogLevel.ALL, suppressOverrideMessage: true },
  );
});

afterEach(() => {
  diag.disable();
  rmSync(folder, { recursive: true, force: true });
});

function file(): string {
  files += 1;
  return join(folder, `costs-${files}.db`);
}

testLedger('SqliteLedger with durability call', async () => new SqliteLedger({ path: file() }));
testLedger(
  'SqliteLedger with durability batch',
  async () => new SqliteLedger({ path: file(), durability: 'batch' }),
);

describe('durability', () => {
  test('call: the event is in the file when write returns', () => {
    const path = file();
    new SqliteLedger({ path }).write([costEvent()]);
    expect(countEvents(path)).toBe(1);
  });

  test('batch: the event is in the file within milliseconds, and after flush', async () => {
    const path = file();
    const ledger = new SqliteLedger({ path, durability: 'batch' });
    ledger.write([costEvent()]);
    await vi.waitFor(() => expect(countEvents(path)).toBe(1));
    ledger.write([costEvent()]);
    await ledger.flush();
    expect(countEvents(path)).toBe(2);
  });

  test('reopening gives everything back', async () => {
    const path = file();
    const first = new SqliteLedger({ path });
    first.write([costEvent(), costEvent()]);
    await first.shutdown();
    expect(await new SqliteLedger({ path }).query()).toMatchObject([{ events: 2, amount: '0.007' }]);
  });

  test('readers see what is committed while others write', async () => {
    const path = file();
    const [a, b] = [new SqliteLedger({ path }), new SqliteLedger({ path })];
    a.write(Array.from({ length: 1200 }, () => costEvent()));
    const reading = b.events()[Symbol.asyncIterator]();
    await reading.next();
    a.write([costEvent()]);
    b.write([costEvent()]);
    expect(await a.query()).toMatchObject([{ events: 1202 }]);
    let read = 1;
    while ((await reading.next()).done !== true) read += 1;
    expect(read).toBe(1202);
  });
});

test('a wrong option is refused with the name of the right one', () => {
  expect(() => new SqliteLedger({ file: 'x' } as never)).toThrow(
    "unknown option 'file'. Did you mean 'path'?",
  );
  expect(() => new SqliteLedger({} as never)).toThrow("expected 'path' to be a file name, got undefined");
  expect(() => new SqliteLedger({ path: 'x', durability: 'always' as never })).toThrow("'call' or 'batch'");
  expect(() => new SqliteLedger(undefined as never)).toThrow("expected 'path'");
});

describe('a file that cannot be used', () => {
  const unusable: [string, () => string, RegExp][] = [
    ['some text', () => written('hello, this is no database'), /is not a Costspan ledger/],
    ['a database of somebody else', otherDatabase, /is not a Costspan ledger/],
    ['a damaged ledger', damagedLedger, /is damaged/],
    ['a ledger of a newer version', newerLedger, /newer Costspan/],
    ['a folder', () => folder, /it is a folder/],
    [
      'a path in a folder that does not exist',
      () => join(folder, 'absent', 'costs.db'),
      /does not exist. Create it/,
    ],
    ['a path below a file', () => join(written('x'), 'costs.db'), /is no folder/],
  ];

  test.each(unusable)(
    '%s: the application goes on, the file stays, health and diag say what to do',
    async (_, make, message) => {
      const path = make();
      const before = contents(path);
      const ledger = new SqliteLedger({ path });
      ledger.write([costEvent()]);
      ledger.write([costEvent()]);
      await ledger.flush();
      await expect(ledger.query()).rejects.toThrow(message);
      await expect(collect(ledger.events())).rejects.toThrow(message);
      const health = ledger.health();
      expect(health).toMatchObject({ status: 'failing', pending: 2, sent: 0 });
      expect(health.lastError).toMatch(message);
      expect(said.filter((line) => message.test(line))).toHaveLength(1);
      await ledger.shutdown();
      expect(ledger.health().dropped).toBe(2);
      expect(contents(path)).toEqual(before);
    },
  );

  test.each(unusable)('%s: a program that needs an answer is told', async (_, make, message) => {
    const asked = async () => collect(openLedgerFile(make(), { readOnly: true }).events());
    const isAbsent = /exist|folder/.test(message.source) && !/it is a folder/.test(message.source);
    await expect(asked()).rejects.toThrow(isAbsent ? 'There is no ledger at' : message);
  });

  test('is written as soon as it can be used, with everything that waited', async () => {
    const path = join(folder, 'later', 'costs.db');
    const ledger = new SqliteLedger({ path });
    ledger.write([costEvent(), costEvent()]);
    mkdirSync(join(folder, 'later'));
    await ledger.flush();
    expect(ledger.health()).toMatchObject({ status: 'ok', pending: 0, sent: 2 });
    expect(countEvents(path)).toBe(2);
  });

  test('holds a bounded number of events in memory and counts the rest', () => {
    const ledger = new SqliteLedger({ path: join(folder, 'absent', 'costs.db') });
    const event = costEvent();
    ledger.write(Array.from({ length: 10_000 }, () => event));
    expect(ledger.health()).toMatchObject({ pending: 10_000, dropped: 0 });
    ledger.write([event]);
    expect(ledger.health()).toMatchObject({ pending: 10_000, dropped: 1 });
  });
});

test('a file that may not grow keeps what it has; more waits in memory and is written when it may', async () => {
  const path = file();
  const maxBytes = 256 * 1024;
  const ledger = new SqliteLedger({ path, maxBytes });
  const events = Array.from({ length: 1_000 }, () => costEvent());
  for (const event of events) ledger.write([event]);
  await ledger.flush();
  expect(ledger.health()).toMatchObject({ status: 'failing', dropped: 0 });
  const { sent, pending } = ledger.health();
  expect(sent).toBeGreaterThan(0);
  expect(sent + pending).toBe(1_000);
  expect(statSync(path).size).toBeLessThanOrEqual(maxBytes);
  expect(said.some((line) => /full/.test(line))).toBe(true);
  await ledger.shutdown();
  expect(ledger.health()).toMatchObject({ dropped: pending });

  const larger = new SqliteLedger({ path, maxBytes: 8 * maxBytes });
  larger.write(events);
  expect(larger.health()).toMatchObject({ status: 'ok', pending: 0 });
  expect(await collect(larger.events())).toHaveLength(1_000);
  await larger.shutdown();
});

test('an event that cannot be written as JSON is counted and holds up no other', async () => {
  const ledger = new SqliteLedger({ path: file() });
  ledger.write([costEvent({ timestamp: new Date(Number.NaN) }), costEvent()]);
  expect(await ledger.query()).toMatchObject([{ events: 1 }]);
  expect(ledger.health()).toMatchObject({ sent: 1, dropped: 1 });
});

test.each([
  ['without a provider', { provider: undefined as never }],
  ['with an object for a customer', { customer: { id: 'acme' } as never }],
])('an event %s is counted and holds up no other, even in one batch', async (_, broken) => {
  const ledger = new SqliteLedger({ path: file(), durability: 'batch' });
  ledger.write([costEvent(), costEvent(broken), costEvent()]);
  expect(await ledger.query()).toMatchObject([{ events: 2 }]);
  expect(ledger.health()).toMatchObject({ status: 'degraded', sent: 2, dropped: 1, pending: 0 });
});

test('a lock held by somebody else costs the caller a few milliseconds and no event', async () => {
  const path = file();
  const ledger = new SqliteLedger({ path });
  const other = new DatabaseSync(path);
  other.exec('BEGIN IMMEDIATE');
  const times = Array.from({ length: 201 }, () => {
    const start = performance.now();
    ledger.write([costEvent()]);
    return performance.now() - start;
  }).toSorted((a, b) => a - b);
  // The first few wait 5 ms each, the others for nothing.
  expect(times[190]).toBeLessThan(5);
  expect(ledger.health()).toMatchObject({ status: 'ok', pending: 201 });
  other.exec('COMMIT');
  other.close();
  await vi.waitFor(() => expect(ledger.health()).toMatchObject({ status: 'ok', pending: 0, sent: 201 }));
  await ledger.shutdown();
});

test('a lock that lasts is said after a second, and everything is kept once it goes', async () => {
  const path = file();
  const ledger = new SqliteLedger({ path });
  const other = new DatabaseSync(path);
  other.exec('BEGIN IMMEDIATE');
  ledger.write([costEvent(), costEvent()]);
  await vi.waitFor(() => expect(ledger.health()).toMatchObject({ status: 'failing', pending: 2 }), 5_000);
  expect(ledger.health().lastError).toContain('locked by another process');
  other.exec('COMMIT');
  other.close();
  await ledger.flush();
  expect(ledger.health()).toMatchObject({ status: 'ok', pending: 0, sent: 2 });
});

test('a sink that was served from memory during a lock counts each event once', async () => {
  const path = file();
  const ledger = new SqliteLedger({ path });
  const seen: string[] = [];
  const sink = {
    name: 'seen',
    write: (events: readonly CostEvent[]) => void seen.push(...events.map(({ id }) => id)),
  };
  const delivery = createDelivery([ledger, sink], 'sync');
  const other = new DatabaseSync(path);
  other.exec('BEGIN IMMEDIATE');
  const [first, second] = [costEvent(), costEvent()];
  delivery.accept(first);
  other.exec('COMMIT');
  other.close();
  delivery.accept(second);
  await delivery.forceFlush();
  expect(seen.toSorted((a, b) => a.localeCompare(b))).toEqual(
    [first.id, second.id].toSorted((a, b) => a.localeCompare(b)),
  );
  expect(delivery.health()).toMatchObject([{ sent: 2 }, { name: 'seen', sent: 2, pending: 0 }]);
  await delivery.shutdown();
});

test('many small amounts drift by nothing', async () => {
  const ledger = new SqliteLedger({ path: ':memory:' });
  for (let batch = 0; batch < 20; batch++) {
    ledger.write(Array.from({ length: 1000 }, () => costEvent({ cost: cost('0.00000015') })));
  }
  // 20,000 × 0.00000015
  expect(await ledger.query()).toMatchObject([{ events: 20_000, amount: '0.003' }]);
});

describe('memory', () => {
  test('outlives the process', async () => {
    const path = file();
    const first = new SqliteLedger({ path });
    first.memory.remember('batch', 'batch_1', { customer: 'acme' });
    first.memory.remember('batch', 'batch_1', { customer: 'globex' });
    await first.shutdown();
    const { memory } = new SqliteLedger({ path });
    expect(memory.recall('batch', 'batch_1')).toEqual({ customer: 'globex' });
    expect(memory.recall('response', 'batch_1')).toBeUndefined();
  });

  test('met by a lock is written when the lock is gone', async () => {
    const path = file();
    const ledger = new SqliteLedger({ path });
    const other = new DatabaseSync(path);
    const inFile = () => other.prepare('SELECT key, value FROM call_memory ORDER BY key').all();
    other.exec('BEGIN IMMEDIATE');
    ledger.memory.remember('batch', 'batch_1', { customer: 'acme' });
    ledger.memory.remember('batch', 'batch_2', { customer: 'globex' });
    expect(inFile()).toEqual([]);
    other.exec('COMMIT');
    const facts = [
      { key: 'batch_1', value: '{"customer":"acme"}' },
      { key: 'batch_2', value: '{"customer":"globex"}' },
    ];
    await vi.waitFor(() => expect(inFile()).toEqual(facts), 5_000);
    other.close();
    await ledger.shutdown();
  });

  test('met by a lock is written before the ledger is shut down', async () => {
    const path = file();
    const ledger = new SqliteLedger({ path });
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    ledger.memory.remember('batch', 'batch_1', { customer: 'acme' });
    const shutdown = ledger.shutdown();
    other.exec('COMMIT');
    await shutdown;
    expect(other.prepare('SELECT key FROM call_memory').all()).toEqual([{ key: 'batch_1' }]);
    other.close();
  });

  test('written late does not undo what another process has learnt since', async () => {
    const path = file();
    const ledger = new SqliteLedger({ path });
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    ledger.memory.remember('batch', 'batch_1', { customer: 'acme' });
    other
      .prepare('INSERT INTO call_memory (kind, key, value, kept_at) VALUES (?, ?, ?, ?)')
      .run('batch', 'batch_1', '{"customer":"globex"}', Date.now() + 1_000);
    other.exec('COMMIT');
    await ledger.flush();
    expect(other.prepare('SELECT value FROM call_memory').all()).toEqual([
      { value: '{"customer":"globex"}' },
    ]);
    other.close();
    await ledger.shutdown();
  });

  test('of a program that wants an answer says that the file is locked, and brings the fact with the next', async () => {
    const path = ledgerFile();
    const opened = openLedgerFile(path, { readOnly: false });
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    expect(() => opened.memory?.remember('batch', 'batch_1', { customer: 'acme' })).toThrow('locked');
    other.exec('COMMIT');
    opened.memory?.remember('batch', 'batch_2', { customer: 'acme' });
    expect(other.prepare('SELECT key FROM call_memory ORDER BY key').all()).toEqual([
      { key: 'batch_1' },
      { key: 'batch_2' },
    ]);
    other.close();
    await opened.shutdown();
  });

  test('works within the process when the file cannot be used', () => {
    const { memory } = new SqliteLedger({ path: join(folder, 'absent', 'costs.db') });
    memory.remember('batch', 'batch_1', { customer: 'acme' });
    expect(memory.recall('batch', 'batch_1')).toEqual({ customer: 'acme' });
  });
});

function written(text: string): string {
  const path = file();
  writeFileSync(path, text);
  return path;
}

function otherDatabase(): string {
  const path = file();
  const db = new DatabaseSync(path);
  db.exec('CREATE TABLE cost_event (a)');
  db.close();
  return path;
}

function ledgerFile(): string {
  const path = file();
  const ledger = new SqliteLedger({ path });
  ledger.write(Array.from({ length: 50 }, () => costEvent()));
  void ledger.shutdown();
  return path;
}

function damagedLedger(): string {
  const path = ledgerFile();
  const bytes = readFileSync(path);
  bytes.fill(0x5a, 4096);
  writeFileSync(path, bytes);
  return path;
}

function newerLedger(): string {
  const path = ledgerFile();
  const db = new DatabaseSync(path);
  db.exec('PRAGMA user_version = 99');
  db.close();
  return path;
}

function contents(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}

function countEvents(path: string): number {
  const db = new DatabaseSync(path, { readOnly: true });
  const row = db.prepare('SELECT count(*) AS events FROM cost_event').get();
  db.close();
  return Number(row?.events);
}
