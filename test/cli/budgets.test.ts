import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RemoteLimits } from '../../src/budgets/remote-limits.ts';
import { runCli } from '../../src/cli/program.ts';
import { SqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts';

let folder: string;
let db: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'costspan-budgets-'));
  db = join(folder, 'costs.db');
  await new SqliteLedger({ path: db }).shutdown();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function cli(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const written = { out: '', err: '' };
  const into = (name: 'out' | 'err') =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        written[name] += chunk.toString();
        done();
      },
    });
  const code = await runCli(['budgets', ...args, '--db', db], { stdout: into('out'), stderr: into('err') });
  return { code, ...written };
}

test('a budget that is set is listed, and shows how far it is used', async () => {
  expect(await cli('set', 'total', '--limit', '50', '--period', 'month', '--action', 'block')).toMatchObject({
    code: 0,
  });
  const { out } = await cli('list', '--json');
  expect(JSON.parse(out)).toEqual([
    { id: 'total', limit: '50', period: 'month', action: 'block', mode: 'hold', thresholds: [50, 80, 100] },
  ]);
  const status = await cli('status', '--json');
  expect(JSON.parse(status.out)).toMatchObject([
    { id: 'total', scope: {}, limit: '50', spent: '0', held: '0', remaining: '50', percent: 0 },
  ]);
});

test('tables fit into 80 columns', async () => {
  await cli(
    'set',
    'a-budget-with-a-very-long-name-indeed',
    '--limit',
    '50',
    '--period',
    '24h',
    '--match',
    'feature=chat',
  );
  for (const name of ['list', 'status']) {
    const { out } = await cli(name);
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  }
});

test('a budget that is removed is gone', async () => {
  await cli('set', 'total', '--limit', '50', '--period', 'month');
  expect((await cli('remove', 'total')).code).toBe(0);
  expect((await cli('list')).out).toMatch(/No budgets are kept/);
});

test.each<[string, string[], RegExp]>([
  ['an unknown id', ['remove', 'totl'], /There is no budget 'totl' in this ledger/],
  ['a wrong period', ['set', 'x', '--limit', '1', '--period', 'monht'], /Did you mean 'month'/],
  ['a wrong limit', ['set', 'x', '--limit', 'much', '--period', 'day'], /expected 'limit' to be a decimal/],
  [
    'a match without a value',
    ['set', 'x', '--limit', '1', '--period', 'day', '--match', 'chat'],
    /expected key=value/,
  ],
])('%s is refused, and says what it expects', async (_title, args, message) => {
  const { code, err } = await cli(...args);
  expect(code).toBe(1);
  expect(err).toMatch(message);
});

test('a token names the limits that are reached, and counts where its key is pinned', async () => {
  const keys = generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const key = join(folder, 'limits.pem');
  writeFileSync(key, keys.privateKey);
  await cli('set', 'closed', '--limit', '0', '--period', 'month', '--action', 'block');
  await cli('set', 'open', '--limit', '50', '--period', 'month', '--action', 'block');
  const { out, code } = await cli('token', '--key', key, '--audience', 'worker', '--expires', '15m');
  expect(code).toBe(0);
  const options = { token: out, publicKey: keys.publicKey, audience: 'worker' };
  const limits = new RemoteLimits(options);
  expect(limits.state).toMatchObject({ status: 'ok', limits: 1 });
  const startTime = new Date();
  const call = { id: 'c', startTime, context: {}, provider: 'openai', operation: 'chat' };
  expect(limits.refusal(call)?.budgetId).toBe('closed');
  expect((await cli('token', '--key', join(folder, 'none.pem'))).err).toMatch(/cannot read/);
  expect((await cli('token', '--key', key, '--expires', 'soon')).err).toMatch(/such as 90s, 15m or 12h/);
});

test('what no webhook is to hear of is said', async () => {
  expect((await cli('history')).out).toMatch(/No threshold was passed/);
});
