import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { runCli } from '../../src/cli/program.ts';
import { SqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts';
import { priceUsage } from '../../src/pricing/price-usage.ts';
import { costEvent } from './events.ts';

const directory = mkdtempSync(join(tmpdir(), 'costspan-prices-'));
afterAll(() => rmSync(directory, { recursive: true }));

const at = new Date('2026-09-20T12:00:00Z');
const usage = { inputTokens: 2006, cacheReadTokens: 1920, outputTokens: 300 };
const unpriced = {
  status: 'unpriced',
  lineItems: [],
  reason: 'no price list knows openai/house-model',
} as const;

let db: string;
let count = 0;
beforeEach(async () => {
  db = join(directory, `costs-${count++}.db`);
  const ledger = new SqliteLedger({ path: db });
  ledger.write([
    costEvent(1, { usage, cost: priceUsage(usage, { provider: 'openai', model: 'gpt-4o', at }) }),
    costEvent(2, { usage, responseModel: 'house-model', requestModel: 'house-model', cost: unpriced }),
    costEvent(3, { usage, responseModel: 'house-model', requestModel: 'house-model', cost: unpriced }),
    // booked at twice the price, by a table that was wrong that day
    costEvent(4, {
      usage,
      cost: { status: 'priced', currency: 'USD', amount: '0.01123', source: 'local', lineItems: [] },
    }),
    costEvent(5, {
      status: 'error',
      usage: {},
      usageSource: 'none',
      cost: { status: 'free', amount: '0', lineItems: [] },
    }),
  ]);
  await ledger.shutdown();
});

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const read = Promise.all([text(stdout), text(stderr)]);
  const code = await runCli(args, { stdout, stderr });
  stdout.end();
  stderr.end();
  const [out, err] = await read;
  return { code, out, err };
}

const id = (number: number) => `019aa1c2-0000-7000-8000-${String(number).padStart(12, '0')}`;

async function total(): Promise<string> {
  const { out } = await run('report', '--db', db, '--json');
  return (JSON.parse(out) as { totals: { amount: string }[] }).totals[0]?.amount ?? '';
}

const PRICES = join(directory, 'costspan.prices.yaml');
writeFileSync(
  PRICES,
  'name: acme\nmodels:\n  - { provider: openai, model: house-model, prices: { input: 1, cache_read: 0.5, output: 2 } }\n',
);

describe('costspan explain', () => {
  test('shows the arithmetic of one event', async () => {
    const { code, out } = await run('explain', id(1), '--db', db);
    expect(code).toBe(0);
    expect(out).toContain('price   openai/gpt-4o in genai-prices@0.1.8');
    expect(out).toContain('input       86 × 2.5 ÷ 1000000 = 0.000215');
    expect(out).toContain('cache_read  1920 × 1.25 ÷ 1000000 = 0.0024');
    expect(out).toContain('output      300 × 10 ÷ 1000000 = 0.003');
    expect(out).toContain('priced  USD 0.005615');
    expect(out).not.toContain('recalculated');
    expect(out).toContain('read    https://developers.openai.com/api/docs/pricing (2026-09-23)\n');
  });

  test('says why there is no amount', async () => {
    const { out } = await run('explain', id(2), '--db', db);
    expect(out).toContain('reason  no price list knows openai/house-model');
    expect(out).toMatch(/\nunpriced\n/);
  });

  test('says when the lines do not add up to the amount', async () => {
    expect((await run('explain', id(4), '--db', db)).out).toContain('(the lines add up to 0)');
  });

  test('refuses an id it does not know', async () => {
    const { code, err } = await run('explain', 'nope', '--db', db);
    expect(code).toBe(1);
    expect(err).toContain("There is no event 'nope'");
  });
});

describe('costspan reprice', () => {
  // 86 × 1/M + 1920 × 0.5/M + 300 × 2/M = 0.000086 + 0.00096 + 0.0006 = 0.001646 each
  test('shows what it would add before it writes anything', async () => {
    const before = await total();
    const { code, out } = await run('reprice', '--db', db, '--prices', PRICES, '--dry-run');
    expect(code).toBe(0);
    expect(out).toContain('unpriced → 0.001646 USD (+0.001646)');
    expect(out).toContain('Would add 2 adjustments, 0.003292 USD in all. Nothing was written.');
    expect(await total()).toBe(before);
    const ofOthers = ['--prices', PRICES, '--dry-run', '--customer', 'globex'];
    expect((await run('reprice', '--db', db, ...ofOthers)).out).toBe('Nothing changes.\n');
  });

  test('prices the unpriced by adding adjustments, once', async () => {
    expect((await run('reprice', '--db', db, '--prices', PRICES)).out).toContain(
      'Added 2 adjustments, 0.003292 USD in all.',
    );
    expect(await total()).toBe('0.020137'); // 0.005615 + 0.01123 + 0.003292
    expect((await run('reprice', '--db', db, '--prices', PRICES)).out).toBe('Nothing changes.\n');
    expect(await total()).toBe('0.020137');
  });

  test('corrects what was wrong when asked for everything, and leaves the event as it was', async () => {
    const { out } = await run('reprice', '--db', db, '--all');
    expect(out).toContain('0.01123 → 0.005615 USD (-0.005615)');
    expect(await total()).toBe('0.01123'); // 2 × 0.005615
    const explained = (await run('explain', id(4), '--db', db)).out;
    expect(explained).toContain('priced  USD 0.01123');
    expect(explained).toContain('already_booked  1 × -0.01123 = -0.01123');
    expect((await run('reprice', '--db', db, '--all')).out).toBe('Nothing changes.\n');
  });

  test('keeps to the period it is given', async () => {
    const { out } = await run(
      'reprice',
      '--db',
      db,
      '--prices',
      PRICES,
      '--until',
      '2026-11-20T10:00:03Z',
      '--dry-run',
    );
    expect(out).toContain('Would add 1 adjustment,');
  });
});

describe('costspan prices', () => {
  test('missing lists what has no price, until it has one', async () => {
    const { out } = await run('prices', 'missing', '--db', db);
    expect(out).toBe('2  openai  house-model  no price list knows openai/house-model\n');
    await run('reprice', '--db', db, '--prices', PRICES);
    expect((await run('prices', 'missing', '--db', db)).out).toBe('Every call has a price.\n');
  });

  test('list names models, show prices them', async () => {
    expect((await run('prices', 'list', '--provider', 'openai')).out).toContain('openai  gpt-4o\n');
    const { out } = await run('prices', 'show', 'gpt-4o', '--provider', 'openai', '--at', '2026-09-20');
    expect(out).toContain('input                     USD 2.5 per 1000000');
    const shown = (await run('prices', 'show', 'gpt-4o', '--json')).out.trim().split('\n');
    expect(shown.map((line) => (JSON.parse(line) as { provider: string }).provider)).toContain('openai');
  });

  test('show says where each price was read, and when, and what tiers make of it', async () => {
    const { out } = await run('prices', 'show', 'gpt-4o', '--provider', 'openai', '--at', '2026-09-20');
    expect(out).toContain('tier batch     × 0.5\n');
    expect(out).toContain(
      '2026-09-23  https://developers.openai.com/api/docs/pricing  (genai-prices@0.1.8)\n',
    );
    expect(out).toMatch(/2026-\d\d-\d\d  https:\/\/openai\.com\/api-fast-mode  \(costspan-overlay@/);
    const { out: json } = await run('prices', 'show', 'gpt-4o', '--provider', 'openai', '--json');
    expect(JSON.parse(json)).toMatchObject({
      sources: expect.arrayContaining([
        {
          list: 'genai-prices@0.1.8',
          source: 'https://developers.openai.com/api/docs/pricing',
          asOf: '2026-09-23',
        },
      ]) as unknown,
      conditions: expect.arrayContaining([
        expect.objectContaining({ circumstance: 'tier', value: 'batch', factor: '0.5' }),
      ]) as unknown,
    });
  });

  test.each([
    [['show', 'gtp-4o'], "Did you mean 'gpt-4o'?"],
    [['show', 'gpt-4o', '--provider', 'opnai'], "there is no provider 'opnai'. Did you mean 'openai'?"],
    [['list', '--provider', 'antropic'], "Did you mean 'anthropic'?"],
  ])('%j is corrected', async (args, hint) => {
    const { code, err } = await run('prices', ...args);
    expect(code).toBe(1);
    expect(err).toContain(hint);
  });

  test('show says what to do about a model nobody knows', async () => {
    const { code, err } = await run('prices', 'show', 'gpt-99');
    expect(code).toBe(1);
    expect(err).toContain('No price list knows gpt-99. costspan prices list shows what there is');
  });

  test('update keeps a file it has checked, from a path or an address', async () => {
    const to = join(directory, 'kept.json');
    expect((await run('prices', 'update', '--from', PRICES, '--to', to)).out).toContain('1 models');
    expect(JSON.parse(readFileSync(to, 'utf8'))).toMatchObject({ name: 'acme' });

    const server = createServer((_, response) =>
      response.end(JSON.stringify({ name: 'remote', modles: [] })),
    ).listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const { port } = server.address() as AddressInfo;
      const { code, err } = await run(
        'prices',
        'update',
        '--from',
        `http://127.0.0.1:${port}/prices.json`,
        '--to',
        to,
      );
      expect(code).toBe(1);
      expect(err).toContain("Did you mean 'models'?");
      expect(JSON.parse(readFileSync(to, 'utf8'))).toMatchObject({ name: 'acme' });
    } finally {
      server.close();
    }
  });
});
