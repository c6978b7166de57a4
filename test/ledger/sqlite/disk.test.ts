import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SqliteLedger } from '../../../src/ledger/sqlite/sqlite-ledger.ts';
import { createDelivery } from '../../../src/delivery/delivery.ts';
import { JsonlSink } from '../../../src/sinks/jsonl.ts';
import { MemorySink } from '../../../src/sinks/memory.ts';
import { mayMount, mountDisk, type SmallDisk } from '../../support/small-disk.ts';
import { costEvent } from '../events.ts';

describe.skipIf(!mayMount())('a small disk (skipped where this user may not mount one)', () => {
  let small: SmallDisk;
  let disk: string;
  let path: string;

  beforeEach(() => {
    small = mountDisk('1m');
    disk = small.folder;
    path = join(disk, 'costs.db');
  });
  afterEach(() => small.remove());

  test('that is full: the application goes on, health says so, and keeping resumes when there is room', async () => {
    const filler = join(disk, 'filler');
    writeFileSync(filler, Buffer.alloc(400_000));
    const ledger = new SqliteLedger({ path });
    const memory = new MemorySink();
    const delivery = createDelivery([ledger, memory], 'sync');
    const ids: string[] = [];
    while (ledger.health().status === 'ok' && ids.length < 5000) {
      const event = costEvent();
      ids.push(event.id);
      delivery.accept(event);
    }
    expect(ledger.health()).toMatchObject({ status: 'failing', dropped: 0 });
    expect(ledger.health().lastError).toContain('the disk is full. Free some space');
    expect(memory.events.map(({ id }) => id)).toEqual(ids);
    rmSync(filler);
    await delivery.forceFlush();
    expect(ledger.health()).toMatchObject({ status: 'ok', pending: 0 });
    const kept: string[] = [];
    for await (const event of ledger.events()) kept.push(event.id);
    expect(kept.toSorted()).toEqual(ids.toSorted());
    await delivery.shutdown();
  });

  test('that is full under a JSONL file: no line is lost or half written once there is room', async () => {
    const filler = join(disk, 'filler');
    const lines = join(disk, 'costs.jsonl');
    writeFileSync(filler, Buffer.alloc(1_000_000));
    const delivery = createDelivery([new JsonlSink({ path: lines })], { firstRetryMs: 20, lastRetryMs: 50 });
    const events = Array.from({ length: 200 }, () => costEvent());
    for (const event of events) delivery.accept(event);
    await delivery.forceFlush();
    expect(delivery.health()[0]).toMatchObject({ pending: 200 });
    rmSync(filler);
    await delivery.forceFlush();
    await delivery.shutdown();
    expect(delivery.health()[0]).toMatchObject({ sent: 200, dropped: 0 });
    const read = readFileSync(lines, 'utf8').split('\n').flatMap(idOfLine);
    expect(new Set(read)).toEqual(new Set(events.map(({ id }) => id)));
  });

  test('that is read-only: nothing throws, and it says what to do', async () => {
    const first = new SqliteLedger({ path });
    first.write([costEvent()]);
    await first.shutdown();
    execFileSync('mount', ['-o', 'remount,ro', disk]);
    const ledger = new SqliteLedger({ path });
    const memory = new MemorySink();
    const delivery = createDelivery([ledger, memory]);
    delivery.accept(costEvent());
    await delivery.forceFlush();
    expect(ledger.health()).toMatchObject({ status: 'failing', pending: 1 });
    expect(ledger.health().lastError).toContain('write access');
    expect(memory.events).toHaveLength(1);
    await delivery.shutdown();
  });
});

/** The id of a whole line; a line cut off by the full disk has none. */
function idOfLine(line: string): string[] {
  try {
    return [(JSON.parse(line) as { id: string }).id];
  } catch {
    return [];
  }
}
