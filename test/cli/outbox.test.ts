import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCli } from '../../src/cli/program.ts';
import { SqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts';
import { createDelivery } from '../../src/delivery/delivery.ts';
import { SinkError } from '../../src/delivery/sink-error.ts';
import { costEvent } from './events.ts';

let folder: string;
let db: string;
/** Ids the sink takes; it refuses all others. */
let accepted: Set<string>;
const taken: string[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'costspan-outbox-'));
  db = join(folder, 'costs.db');
  taken.length = 0;
  accepted = new Set([id(1)]);
  await deliver(1, 2, 3);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function id(number: number): string {
  return costEvent(number).id;
}

/** An application run in which these calls are made. */
async function deliver(...numbers: number[]): Promise<void> {
  const billing = {
    name: 'billing',
    write(events: readonly { id: string }[]) {
      if (events.some((event) => !accepted.has(event.id)))
        throw new SinkError('refused', { status: 422, response: '{"error":\n "unknown customer"}' });
      taken.push(...events.map((event) => event.id));
    },
  };
  const delivery = createDelivery([new SqliteLedger({ path: db }), billing]);
  for (const number of numbers) delivery.accept(costEvent(number));
  await delivery.shutdown();
}

async function cli(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const written = { out: '', err: '' };
  const into = (name: 'out' | 'err') =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        written[name] += chunk.toString();
        done();
      },
    });
  const code = await runCli(['outbox', ...args, '--db', db], { stdout: into('out'), stderr: into('err') });
  return { code, ...written };
}

test('list shows every sink, and each dead letter with what the sink said', async () => {
  const { out } = await cli('list');
  expect(out).toContain('billing: 0 pending, 2 dead\n');
  expect(out).toContain(`billing  ${id(2)}  422 {"error": "unknown customer"}`);
  const json = JSON.parse((await cli('list', '--json', '--sink', 'billing')).out) as object;
  expect(json).toMatchObject({
    sinks: [{ sink: 'billing', pending: 0, dead: 2, oldest: null }],
    dead_letters: [{ sink: 'billing', event_id: id(2), status: 422, error: 'refused' }, { event_id: id(3) }],
  });
});

test('requeue offers the named dead letters again, once the application runs', async () => {
  accepted = new Set([id(1), id(2), id(3)]);
  expect((await cli('requeue', id(3))).out).toContain('1 event requeued');
  expect((await cli('list')).out).toMatch(/billing: 1 pending since .*, 1 dead/);
  await deliver();
  expect(taken).toEqual([id(1), id(3)]);
  expect((await cli('requeue', '--all', '--sink', 'billing')).out).toContain('1 event requeued');
  await deliver();
  expect(taken).toEqual([id(1), id(3), id(2)]);
});

test('purge deletes dead letters and no event', async () => {
  expect((await cli('purge', '--all')).out).toContain('2 dead letters deleted');
  expect((await cli('list')).out).toBe('billing: 0 pending, 0 dead\n');
  expect(await new SqliteLedger({ path: db }).query()).toMatchObject([{ events: 3 }]);
});

test('forget leaves nothing of a sink behind', async () => {
  expect((await cli('forget', 'billing')).code).toBe(0);
  expect((await cli('list')).out).toBe('No sink has been served from this ledger yet.\n');
});

test('says what it needs: which events, and which sink', async () => {
  expect(await cli('requeue')).toMatchObject({ code: 1, err: expect.stringContaining('or say --all') });
  expect((await cli('purge', '--all', '--sink', 'biling')).err).toContain("Did you mean 'billing'?");
});
