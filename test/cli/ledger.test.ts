import { mkdtempSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts';
import type { CostEvent } from '../../src/metering/cost-event.ts';
import { costEvent, priced } from './events.ts';
import { run } from './run.ts';

let folder: string;
let db: string;
const cli = (...args: string[]) => run('ledger', ...args, '--db', db);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'costspan-cli-ledger-'));
  db = join(folder, 'costs.db');
});
afterEach(() => rmSync(folder, { recursive: true }));

async function keep(...events: CostEvent[]): Promise<void> {
  const ledger = new SqliteLedger({ path: db });
  ledger.write(events);
  await ledger.shutdown();
}

test('info says how much, since when, what is unpriced, and how large the file is', async () => {
  await keep(costEvent(1), costEvent(2, { cost: { status: 'unpriced', lineItems: [], reason: 'no price' } }));
  const { out } = await cli('info');
  expect(out.split('\n').slice(0, 3)).toEqual([
    'calls: 2',
    'cost: USD 0.005615, 1 calls unpriced',
    'from 2026-11-20T10:00:01.000Z until 2026-11-20T10:00:02.000Z',
  ]);
  expect(out).toMatch(/size: \d+\.\d MB/);
});

test('info of an empty ledger has no times', async () => {
  await keep();
  expect(JSON.parse((await cli('info', '--json')).out)).toMatchObject({
    events: 0,
    totals: [],
    first: null,
    last: null,
  });
  expect((await cli('info')).out).not.toContain('from');
});

test('verify finds a sum that is wrong, says by how much, and rebuild makes it right', async () => {
  const adjustment = costEvent(3, { kind: 'adjustment', adjusts: costEvent(1).id, cost: priced('-0.001') });
  await keep(costEvent(1), costEvent(2, { cost: priced('0.1') }), adjustment);
  expect((await cli('verify')).out).toBe('2 calls added up again: every sum is right.\n');
  const file = new DatabaseSync(db);
  file.exec('DELETE FROM roll_up');
  file.close();
  const { code, err } = await cli('verify');
  expect(code).toBe(1);
  // 0.005615 + 0.1 − 0.001, of two calls
  expect(err).toContain('USD 0.104615, 2 calls missing. Make them again with: costspan ledger rebuild');
  expect((await cli('rebuild')).code).toBe(0);
  expect((await cli('verify')).code).toBe(0);
});
