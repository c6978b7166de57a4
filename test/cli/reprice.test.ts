import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts';
import { createCostEvent } from '../../src/metering/cost-event.ts';
import { costEvent, priced, unattributedEvent } from './events.ts';
import { run } from './run.ts';

let folder: string;
let db: string;
const unpriced = { status: 'unpriced', lineItems: [], reason: 'no price' } as const;
const usage = { inputTokens: 1_000_000 };

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'costspan-cli-reprice-'));
  db = join(folder, 'costs.db');
  const ledger = new SqliteLedger({ path: db });
  const { responseModel: _, ...asked } = unattributedEvent(2, {
    requestModel: 'house',
    usage,
    cost: priced('5'),
  });
  ledger.write([costEvent(1, { responseModel: 'house', usage, cost: unpriced }), createCostEvent(asked)]);
  await ledger.shutdown();
  const rows = [{ provider: 'openai', model: 'house', prices: { input: 1 } }];
  writeFileSync(join(folder, 'prices.json'), JSON.stringify({ name: 'own', models: rows }));
});
afterEach(() => rmSync(folder, { recursive: true }));

const cli = (...args: string[]) =>
  run('reprice', '--db', db, '--prices', join(folder, 'prices.json'), ...args);

test('a program gets one object for every change, with what was booked before, and nothing else', async () => {
  const { out } = await cli('--all', '--json');
  const changes = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  // 1 million at 1 per million: 1, and 1 − 5.
  expect(changes).toMatchObject([
    { customer: 'acme', before: null, after: '1', difference: '1', currency: 'USD' },
    { customer: null, before: '5', after: '1', difference: '-4', currency: 'USD' },
  ]);
  expect((await cli('--all', '--json')).out).toBe('');
});

test('people read whose call it was, of which model, and what it makes in all', async () => {
  const { out } = await cli('--all', '--dry-run');
  expect(out).toMatch(/acme {2}openai house {2}unpriced → 1 USD \(\+1\)/);
  expect(out).toMatch(/\(nobody\) {2}openai house {2}5 → 1 USD \(-4\)/);
  expect(out).toContain('Would add 2 adjustments, -3 USD in all. Nothing was written.');
});
