import { generateKeyPairSync } from 'node:crypto';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  AnthropicInstrumentation,
  Budget,
  BudgetExceededError,
  type BudgetOptions,
  bypassBudgets,
  type CostEvent,
  CostSpanProcessor,
  currentRunCost,
  meterFetch,
  OpenAIInstrumentation,
  withCustomer,
} from '../../src/index.ts';
import { SqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts';

// gpt-4o: $2.50 and $10 per million. 1,000 × 2.5/M + 250 × 10/M = 0.0025 + 0.0025 = $0.005 a call.
const usage = { prompt_tokens: 1_000, completion_tokens: 250, total_tokens: 1_250 };
const reply = { id: 'chatcmpl-1', object: 'chat.completion', model: 'gpt-4o', choices: [], usage };
const params = { model: 'gpt-4o', max_tokens: 250, messages: [{ role: 'user' as const, content: 'Hi' }] };

const openai = new OpenAIInstrumentation();
openai.manuallyInstrument(OpenAI);
const anthropic = new AnthropicInstrumentation();
anthropic.manuallyInstrument(Anthropic);

let sent: Request[] = [];
let answer: () => Response | Promise<Response> = () => Response.json(reply);
const provider = vi.fn((input: unknown, init?: RequestInit) => {
  sent.push(new Request(input as string, init));
  return Promise.resolve(answer());
}) as unknown as typeof fetch;

let processor: CostSpanProcessor | undefined;
let heard: CostEvent[] = [];

function start(
  budgets: readonly BudgetOptions[],
  ledger = new SqliteLedger({ path: ':memory:' }),
): CostSpanProcessor {
  processor = new CostSpanProcessor({
    sinks: [ledger, { write: (events) => void heard.push(...events) }],
    budgets: budgets.map((each) => new Budget(each)),
    delivery: 'sync',
  });
  return processor;
}

const client = (): OpenAI => new OpenAI({ apiKey: 'x', fetch: provider });

beforeEach(() => {
  sent = [];
  heard = [];
  answer = () => Response.json(reply);
});
afterEach(() => processor?.shutdown());

const perCustomer: BudgetOptions = {
  id: 'per-customer',
  each: ['customer'],
  limit: '0.01',
  period: 'month',
  action: 'block',
};

const chat = (customer = 'acme') =>
  withCustomer(customer, async () => client().chat.completions.create(params));

describe('a budget that blocks', () => {
  test('lets calls through up to its limit, and refuses the next before a byte is sent', async () => {
    const { budgets } = start([perCustomer]);
    // 0.005 + 0.005 = 0.01
    await chat();
    await chat();
    const error: unknown = await chat().catch((refusal: unknown) => refusal);
    expect(error).toBeInstanceOf(BudgetExceededError);
    expect(error).toMatchObject({
      budgetId: 'per-customer',
      scope: { customer: 'acme' },
      spent: '0.01',
      status: 402,
    });
    expect(sent).toHaveLength(2);
    expect((await budgets.status())[0]).toMatchObject({ spent: '0.01', held: '0', remaining: '0' });
  });

  test('leaves an event of kind denied that costs nothing', async () => {
    start([{ ...perCustomer, limit: 0 }]);
    await chat().catch(() => undefined);
    expect(heard).toHaveLength(1);
    expect(heard[0]).toMatchObject({
      kind: 'denied',
      status: 'error',
      usageSource: 'none',
      customer: 'acme',
    });
    expect(heard[0]?.cost).toMatchObject({ status: 'free', amount: '0' });
  });

  test('holds nobody to another customer’s limit', async () => {
    start([perCustomer]);
    await chat();
    await chat();
    await expect(chat()).rejects.toThrow(/per-customer/);
    await expect(chat('globex')).resolves.toMatchObject({ id: 'chatcmpl-1' });
  });

  test('never withholds a reply that was paid for', async () => {
    start([{ ...perCustomer, limit: '0.006' }]);
    // Estimated at less than it turns out to cost.
    answer = () => Response.json({ ...reply, usage: { ...usage, completion_tokens: 100_000 } });
    await expect(chat()).resolves.toMatchObject({ id: 'chatcmpl-1' });
    await expect(chat()).rejects.toBeInstanceOf(BudgetExceededError);
  });

  test.each<[string, () => Promise<unknown>]>([
    ['a stream', async () => client().chat.completions.create({ ...params, stream: true })],
    [
      'a response',
      async () => client().responses.create({ model: 'gpt-4o', input: 'Hi', max_output_tokens: 10 }),
    ],
    [
      'an embedding',
      async () => client().embeddings.create({ model: 'text-embedding-3-small', input: 'Hi' }),
    ],
    ['an image', async () => client().images.generate({ model: 'gpt-image-1', prompt: 'a cat' })],
    ['a parsed reply', async () => client().chat.completions.parse(params)],
    [
      'a batch',
      async () =>
        client().batches.create({
          input_file_id: 'file-1',
          endpoint: '/v1/chat/completions',
          completion_window: '24h',
        }),
    ],
    [
      'a batch of Anthropic',
      async () =>
        new Anthropic({ apiKey: 'x', fetch: provider }).messages.batches.create({
          requests: [
            {
              custom_id: '1',
              params: {
                model: 'claude-sonnet-4-5',
                max_tokens: 10,
                messages: [{ role: 'user', content: 'Hi' }],
              },
            },
          ],
        }),
    ],
    ['a raw reply', async () => client().chat.completions.create(params).asResponse()],
    [
      'a message of Anthropic',
      async () =>
        new Anthropic({ apiKey: 'x', fetch: provider }).messages.create({
          model: 'claude-sonnet-4-5',
          max_tokens: 10,
          messages: [{ role: 'user', content: 'Hi' }],
        }),
    ],
    [
      'a plain fetch',
      () =>
        meterFetch(provider)('https://api.openai.com/v1/chat/completions', {
          method: 'POST',
          body: JSON.stringify(params),
        }),
    ],
  ])('refuses %s as well, once, with the provider seeing nothing', async (_title, call) => {
    start([{ ...perCustomer, limit: 0 }]);
    await expect(withCustomer('acme', call)).rejects.toBeInstanceOf(BudgetExceededError);
    expect(sent).toEqual([]);
    expect(heard.map(({ kind }) => kind)).toEqual(['denied']);
  });

  test.each<[string, () => Promise<unknown>]>([
    ['of OpenAI', () => client().chat.completions.stream(params).finalChatCompletion()],
    [
      'of Anthropic',
      () =>
        new Anthropic({ apiKey: 'x', fetch: provider }).messages
          .stream({
            model: 'claude-sonnet-4-5',
            max_tokens: 10,
            messages: [{ role: 'user', content: 'Hi' }],
          })
          .finalMessage(),
    ],
  ])(
    'refuses the stream helper %s, which wraps every error and says ours as its cause',
    async (_of, call) => {
      start([{ ...perCustomer, limit: 0 }]);
      const error = (await withCustomer('acme', call).catch((reason: unknown) => reason)) as Error;
      expect(error.cause).toBeInstanceOf(BudgetExceededError);
      expect(sent).toEqual([]);
      expect(heard.map(({ kind }) => kind)).toEqual(['denied']);
    },
  );

  test('lets a batch be handed in while there is room, and holds nothing for it', async () => {
    const { budgets } = start([perCustomer]);
    answer = () => Response.json({ id: 'batch_1', object: 'batch', endpoint: '/v1/chat/completions' });
    await withCustomer('acme', async () =>
      client().batches.create({
        input_file_id: 'file-1',
        endpoint: '/v1/chat/completions',
        completion_window: '24h',
      }),
    );
    expect(sent).toHaveLength(1);
    expect(heard).toEqual([]);
    expect(await budgets.status({ customer: 'acme' })).toEqual([]);
  });

  test('may answer a plain fetch with a response of status 402', async () => {
    start([{ ...perCustomer, limit: 0 }]);
    const fetching = meterFetch(provider, { refusal: 'response' });
    const response = await withCustomer('acme', () =>
      fetching('https://api.openai.com/v1/chat/completions', {
        method: 'POST',
        body: JSON.stringify(params),
      }),
    );
    expect(response.status).toBe(402);
    expect(await response.json()).toMatchObject({
      error: { type: 'budget_exceeded', budget_id: 'per-customer' },
    });
  });
});

test('a restart changes nothing: budgets go on from the ledger', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'costspan-restart-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'costs.db');
  start([perCustomer], new SqliteLedger({ path }));
  // 0.005 + 0.005 = 0.01
  await chat();
  await chat();
  await processor?.shutdown();
  const { budgets } = start([perCustomer], new SqliteLedger({ path }));
  await expect(chat()).rejects.toMatchObject({ budgetId: 'per-customer', spent: '0.01' });
  expect(await budgets.status({ customer: 'acme' })).toMatchObject([{ spent: '0.01', percent: 100 }]);
});

test('a bypass is explicit, and recorded with its reason', async () => {
  start([{ ...perCustomer, limit: 0 }]);
  await bypassBudgets(() => chat(), { reason: 'incident 4711' });
  expect(heard[0]).toMatchObject({ kind: 'usage', context: { budget_bypass: 'incident 4711' } });
  expect(() => bypassBudgets(() => 1, { reason: '' })).toThrow(/expected a reason/);
});

test('a cheaper model is asked instead, and the event says so', async () => {
  start([{ ...perCustomer, limit: 0, onExceeded: () => ({ model: 'gpt-4o-mini' }) }]);
  answer = () => Response.json({ ...reply, model: 'gpt-4o-mini' });
  await chat();
  expect(await sent[0]?.json()).toEqual({ ...params, model: 'gpt-4o-mini' });
  expect(heard[0]).toMatchObject({ requestModel: 'gpt-4o-mini', responseModel: 'gpt-4o-mini' });
});

test('one request that may cost too much is refused by itself', async () => {
  start([{ ...perCustomer, limit: '100', maxCost: '0.05' }]);
  await expect(chat()).resolves.toBeDefined();
  const large = { ...params, max_tokens: 100_000 };
  // 100,000 × 10/M = $1
  await expect(withCustomer('acme', async () => client().chat.completions.create(large))).rejects.toThrow(
    /one request may cost 0.05 USD/,
  );
});

test('budgets kept in the ledger count for every process on it', async () => {
  const ledger = new SqliteLedger({ path: ':memory:' });
  void ledger.budgets.definitions.put(
    'of-the-ledger',
    JSON.stringify({ id: 'of-the-ledger', limit: '0', period: 'day', action: 'block' }),
  );
  const { budgets } = start([], ledger);
  await vi.waitUntil(async () => (await budgets.status()).length === 1);
  await expect(chat()).rejects.toThrow(/of-the-ledger/);
});

test('a process without the counters is told of limits by a signed token', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const { budgets } = start([{ ...perCustomer, limit: '0.005' }]);
  await chat();
  const token = await budgets.token({ privateKey });
  await processor?.shutdown();
  sent = [];
  processor = new CostSpanProcessor({ remoteLimits: { token, publicKey } });
  await expect(chat()).rejects.toMatchObject({ budgetId: 'per-customer', scope: { customer: 'acme' } });
  expect(sent).toEqual([]);
  await expect(chat('globex')).resolves.toMatchObject({ id: 'chatcmpl-1' });
  expect(processor.health().budgets.remote).toMatchObject({ status: 'ok', limits: 1, refused: 0 });
});

test('what a call holds is given back when its budget was removed meanwhile', async () => {
  const ledger = new SqliteLedger({ path: ':memory:' });
  const { definitions } = ledger.budgets;
  void definitions.put('short', JSON.stringify({ id: 'short', limit: '1', period: 'day', action: 'block' }));
  const settle = vi.spyOn(ledger.budgets, 'settle');
  const { budgets } = start([], ledger);
  await vi.waitUntil(async () => (await budgets.status()).length === 1);
  let finish = (): void => undefined;
  answer = () =>
    new Promise((resolve) => {
      finish = () => resolve(Response.json(reply));
    });
  const call = chat();
  await vi.waitUntil(async () => sent.length === 1 && (await budgets.status())[0]?.held !== '0');
  void definitions.remove('short');
  await vi.waitUntil(async () => (await budgets.status()).length === 0, { timeout: 10_000 });
  finish();
  await call;
  expect(settle).toHaveBeenCalledOnce();
});

test('an agent reads what its run has cost, and nobody else’s', async () => {
  start([]);
  const run = (calls: number) =>
    withCustomer('acme', async () => {
      for (let made = 0; made < calls; made++) await client().chat.completions.create(params);
      return currentRunCost();
    });
  // 2 × 0.005 and 3 × 0.005
  const [two, three] = await Promise.all([run(2), run(3)]);
  expect(two).toEqual({ amount: '0.01', currency: 'USD', calls: 2, unpriced: 0 });
  expect(three).toEqual({ amount: '0.015', currency: 'USD', calls: 3, unpriced: 0 });
});
