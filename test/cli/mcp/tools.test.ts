import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Answer } from '../../../src/cli/mcp/tool.ts';
import { TOOLS } from '../../../src/cli/mcp/tools.ts';
import { withLedger } from '../../../src/cli/with-ledger.ts';
import { SqliteLedger } from '../../../src/ledger/sqlite/sqlite-ledger.ts';
import { fillLedger, IDS } from './ledger.ts';

const folder = mkdtempSync(join(tmpdir(), 'costspan-mcp-'));
const db = join(folder, 'costs.db');
const empty = join(folder, 'empty.db');

beforeAll(async () => {
  await fillLedger(db);
  const ledger = new SqliteLedger({ path: empty });
  await ledger.flush();
  await ledger.shutdown();
});
afterAll(() => rmSync(folder, { recursive: true }));

function ask(name: string, given?: unknown, path = db): Promise<Answer> {
  const tool = TOOLS.find((each) => each.name === name);
  if (tool === undefined) throw new Error(`no tool ${name}`);
  return withLedger(path, (ledger) => tool.answer(ledger, given));
}

const SUMS = {
  currency: 'USD',
  // Corrections are in the amount and not counted as calls.
  events: 6,
  amount: '0.335715',
  unpriced: 1,
  estimated: 1,
  estimated_amount: '0.1',
  unattributed: { events: 1, amount: '0.0001' },
};

describe('report', () => {
  test('sums exactly, by customer unless told otherwise', async () => {
    const { data, text } = await ask('report');
    expect(data).toMatchObject({
      by: ['customer'],
      rows: [
        { customer: 'globex', amount: '0.23', events: 3, unpriced: 1 },
        { customer: 'acme', amount: '0.105615', events: 2, estimated: 1, estimated_amount: '0.1' },
        { customer: null, unattributed: true, amount: '0.0001' },
      ],
      rows_left_out: 0,
      totals: [SUMS],
    });
    expect(text).toContain('USD 0.335715 over 6 calls');
    expect(text).toContain('unattributed: USD 0.0001 (1 call)');
    expect(text).toContain('unpriced: 1 call, in no sum');
    expect(text).toContain('estimated: USD 0.1 (1 call)');
  });

  test('what is left out of the rows is in the totals', async () => {
    const { data, text } = await ask('report', { by: ['model', 'customer'], top: 1 });
    expect(data).toMatchObject({ rows_left_out: 4, totals: [SUMS] });
    expect(data.rows).toHaveLength(1);
    expect(text).toContain('… and 4 rows more');
  });

  test('takes the filters of the command line', async () => {
    const { data } = await ask('report', {
      by: ['context.feature'],
      customer: 'acme',
      month: '2026-11',
      time_zone: 'Europe/Berlin',
      context: { feature: 'ch*t' },
    });
    expect(data).toMatchObject({
      period: { start: '2026-10-31T23:00:00.000Z', end: '2026-11-30T23:00:00.000Z' },
      time_zone: 'Europe/Berlin',
      rows: [{ 'context.feature': 'chat', amount: '0.005615', events: 1 }],
      totals: [{ amount: '0.005615', events: 1 }],
    });
  });

  test('says why an answer is empty', async () => {
    const { data, text } = await ask('report', { customer: 'globax' });
    expect(data).toMatchObject({ rows: [], totals: [] });
    expect(text).toBe("No calls.\nNo call has the customer 'globax'. Did you mean 'globex'?");
  });
});

describe('events', () => {
  test('newest first, in pages, with the sums over all of them', async () => {
    const first = await ask('events', { customer: 'globex', limit: 2 });
    expect(first.data).toMatchObject({
      events: [{ id: '019aa1c2-0000-7000-8000-000000000007' }, { kind: 'adjustment', adjusts: IDS.unpriced }],
      totals: [{ amount: '0.23', events: 3, unpriced: 1 }],
    });
    const second = await ask('events', { customer: 'globex', limit: 3, cursor: first.data.next_cursor });
    expect(second.data).toMatchObject({
      events: [{ id: IDS.unpriced }, { id: '019aa1c2-0000-7000-8000-000000000003' }],
      next_cursor: null,
    });
  });

  test('by what they cost, and unpriced or unattributed ones alone', async () => {
    expect((await ask('events', { min_cost: '0.1', order: 'asc' })).data).toMatchObject({
      events: [{ cost: { amount: '0.1' } }, { cost: { amount: '0.2' } }],
    });
    expect((await ask('events', { unpriced: true })).data).toMatchObject({
      events: [{ response_model: 'newer-model', cost: { status: 'unpriced' } }],
      totals: [{ amount: null, unpriced: 1 }],
    });
    expect((await ask('events', { unattributed: true })).data).toMatchObject({
      events: [{ customer: null, cost: { amount: '0.0001' } }],
    });
  });
});

describe('explain', () => {
  test('shows the arithmetic to the price row', async () => {
    const { data, text } = await ask('explain', { id: IDS.acme });
    expect(data).toMatchObject({
      amount: '0.005615',
      currency: 'USD',
      unattributed: false,
      unpriced: false,
      estimated: false,
      adjustments: [],
    });
    expect(text).toContain('cache_read  1920 × 1.25 ÷ 1000000 = 0.0024');
    expect(text).toContain('openai/gpt-4o in test@1');
  });

  test('a call that was priced later is no longer unpriced', async () => {
    const { data, text } = await ask('explain', { id: IDS.unpriced });
    expect(data).toMatchObject({
      event: { cost: { status: 'unpriced' } },
      amount: '0.03',
      currency: 'USD',
      unpriced: false,
      adjustments: [{ adjusts: IDS.unpriced }],
    });
    expect(text).toContain('adjusted by');
  });

  test('an id nobody has is an error that says where ids are', async () => {
    await expect(ask('explain', { id: 'nope' })).rejects.toThrow(
      "There is no event 'nope'. The tool events shows the ids.",
    );
  });
});

test('budgets: how far each is used, and the calls it is about', async () => {
  const { data, text } = await ask('budgets');
  expect(data).toMatchObject({
    budgets: [
      {
        id: 'per-customer',
        scope: { customer: 'acme' },
        spent: '0.105615',
        remaining: '0.394385',
        // 0.105615 of 0.5
        percent: 21.123,
        calls: [{ amount: '0.105615', events: 2, unpriced: 0, estimated: 1 }],
      },
    ],
    budgets_left_out: 0,
    totals: [SUMS],
  });
  expect(text).toContain('21.1 %');
  expect((await ask('budgets', { customer: 'globex' })).data).toMatchObject({ budgets: [] });
  await expect(ask('budgets', { id: 'per-custmer' })).rejects.toThrow("Did you mean 'per-customer'?");
});

describe('prices', () => {
  test('of a model, with what its calls cost', async () => {
    const { data, text } = await ask('prices', { model: 'gpt-4o', provider: 'openai', at: '2026-11-20' });
    expect(data).toMatchObject({
      prices: [{ provider: 'openai', model: 'gpt-4o', rates: { input: { price: '2.5', per: '1000000' } } }],
      // All that asked OpenAI for gpt-4o, whatever answered: 0.335715 without the 0.2 of Anthropic.
      totals: [{ amount: '0.135715' }],
    });
    expect(text).toContain('read from');
  });

  test('what has none, and why', async () => {
    expect((await ask('prices')).data).toMatchObject({
      prices: [],
      missing: [{ provider: 'openai', model: 'newer-model', reason: 'unknown model', events: 1 }],
      totals: [SUMS],
    });
    await expect(ask('prices', { model: 'gpt-4oo', provider: 'openai' })).rejects.toThrow(
      "Did you mean 'gpt-4o'?",
    );
  });
});

test.each([
  ['report', undefined, { rows: [], rows_left_out: 0, totals: [] }],
  ['events', {}, { events: [], next_cursor: null, totals: [] }],
  ['budgets', {}, { budgets: [], totals: [] }],
  ['prices', {}, { prices: [], missing: [], totals: [] }],
])('%s answers for an empty ledger', async (name, given, expected) => {
  const { data, text } = await ask(name, given, empty);
  expect(data).toMatchObject(expected);
  expect(text).toContain('No calls.');
});

test.each([
  ['report', { grup_by: [] }, "report: unknown field 'grup_by'."],
  ['report', { custmer: 'acme' }, "report: unknown field 'custmer'. Did you mean 'customer'?"],
  ['report', { by: ['modle'] }, "There is no dimension 'modle'. Did you mean 'model'?"],
  ['report', { by: 'customer' }, "report: by: expected a list, got 'customer'."],
  ['report', { time_zone: 'Berlin' }, "Did you mean 'Europe/Berlin'?"],
  [
    'report',
    { status: 'abort' },
    "report: status: expected 'ok', 'error', 'aborted', 'partial', got 'abort'. Did you mean 'aborted'?",
  ],
  ['report', { since: 'yesterday' }, 'Expected a time like 2026-11-20'],
  ['report', { month: '2026-13' }, 'Expected a month like 2026-11'],
  ['report', { month: '2026-11', since: '7d' }, "report: give either 'month', or 'since' and 'until'."],
  ['report', { since: '2026-11-20', until: '2026-11-19' }, 'The period ends before it begins'],
  ['report', { customer: 'acme', unattributed: true }, "report: 'unattributed' calls have no customer."],
  ['report', { top: 0 }, 'report: top: expected a whole number from 1 to 1000, got 0.'],
  ['events', { limit: 501 }, 'events: limit: expected a whole number from 1 to 500, got 501.'],
  ['events', { min_cost: 'cheap' }, "expected 'minCost' to be an amount like '0.5', got 'cheap'"],
  ['events', [], 'events: expected an object, got an array of 0.'],
  ['explain', {}, "explain: 'id' is missing."],
  ['prices', { model: 'gpt-4o', provider: 'opnai' }, "Did you mean 'openai'?"],
])('%s %j is answered with what was expected', async (name, given, message) => {
  await expect(ask(name, given)).rejects.toThrow(message);
});

test('what is null was left out, as many assistants send it', async () => {
  expect((await ask('report', { customer: null, by: null })).data).toMatchObject({ totals: [SUMS] });
});

test('every input and every tool says what it is', () => {
  for (const { description, inputSchema, outputSchema, title } of TOOLS) {
    expect([description, title].every((each) => each.length > 5)).toBe(true);
    expect(inputSchema).toMatchObject({ type: 'object', additionalProperties: false });
    expect(outputSchema).toMatchObject({ type: 'object' });
    for (const [name, input] of Object.entries(inputSchema.properties as object)) {
      expect(name).toMatch(/^[a-z_]+$/);
      expect(input).toHaveProperty('description');
    }
  }
});
