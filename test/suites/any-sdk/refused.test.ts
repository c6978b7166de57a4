import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  BedrockInstrumentation,
  Budget,
  BudgetExceededError,
  type CostEvent,
  CostSpanProcessor,
  GoogleGenAIInstrumentation,
  ProviderFetchInstrumentation,
  withCustomer,
} from '../../../src/index.ts';
import { aiSdkRows, load, provider } from './ai-sdk.ts';
import { Internet } from './internet.ts';
import type { Row } from './sdks.ts';

const PROVIDERS = { 'llm.internal:8080': 'self_hosted' };

const internet = await Internet.start();
const net = new ProviderFetchInstrumentation({ providers: PROVIDERS });
const heard: CostEvent[] = [];
const processor = new CostSpanProcessor({
  sinks: [{ write: (events) => void heard.push(...events) }],
  delivery: 'sync',
  budgets: [new Budget({ id: 'closed', each: ['customer'], limit: 0, period: 'month', action: 'block' })],
});
const { bedrockRows, fetchSdks, plainFetch } = await import('./sdks.ts');

afterAll(async () => {
  net.disable();
  await processor.shutdown();
  await internet.stop();
});
beforeEach(() => {
  heard.length = 0;
  internet.server.requests.length = 0;
});

const inTurns = (rows: readonly Row[]): [string, Row][] =>
  rows.filter(({ title }) => !title.includes('is free')).map((row) => [row.title, row]);

/** Our error, however deep its SDK has wrapped it; an SDK's own error of status 402; or our message, where an SDK keeps no more. */
function isRefusal(error: unknown): boolean {
  for (let each: unknown = error; each instanceof Error; each = each.cause)
    if (each instanceof BudgetExceededError) return true;
  const { status, message = '' } = error as Partial<Error> & { readonly status?: number };
  return (status === 402 && message.includes('budget_exceeded')) || message.includes("Budget 'closed'");
}

/** The call fails with our error, the provider saw nothing, and the refusal is one event: nobody tried again. */
async function expectRefused(call: () => unknown): Promise<void> {
  const error = await withCustomer('acme', call as () => Promise<unknown>).then(
    () => 'not refused',
    (reason: unknown) => reason,
  );
  await new Promise(setImmediate);
  expect([isRefusal(error), error]).toEqual([true, error]);
  expect(internet.server.requests).toEqual([]);
  expect(heard.map(({ kind }) => kind)).toEqual(['denied']);
}

describe('a call that a budget refuses, through the net alone', () => {
  test.each(inTurns(plainFetch))('%s', (_title, row) => expectRefused(row.call));
  test.each(inTurns(fetchSdks))('%s', (_title, row) => expectRefused(row.call));
});

describe.each([5, 6, 7])('a call of the AI SDK %d that a budget refuses', async (major) => {
  const rows = await aiSdkRows(major, false);
  // Its streams end without an error for who only reads the text: it is told to `onError`.
  const thrown = rows.filter(({ title }) => !title.includes('streamText'));
  test.each(inTurns(thrown))('%s', (_title, row) => expectRefused(row.call));

  test('streamText tells onError', async () => {
    const { streamText } = await load(major);
    const openai = await provider('openai', major, 'createOpenAI', { apiKey: 'x' });
    await expectRefused(async () => {
      const failed = Promise.withResolvers<unknown>();
      const onError = ({ error }: { error: unknown }): void => failed.resolve(error);
      const { textStream } = streamText({ model: openai('gpt-4o'), prompt: 'Hi', onError });
      for await (const _text of textStream);
      throw await failed.promise;
    });
  });
});

describe('a call that a budget refuses, with the SDK’s own instrumentation above the net', () => {
  const google = new GoogleGenAIInstrumentation();
  const bedrock = new BedrockInstrumentation();

  beforeAll(async () => {
    for (const major of [1, 2, 3]) google.manuallyInstrument(await import(`genai${major}`));
    bedrock.manuallyInstrument(await import('@aws-sdk/client-bedrock-runtime'));
  });
  afterAll(() => {
    google.disable();
    bedrock.disable();
  });

  const rows = fetchSdks.filter(({ title }) => title.startsWith('@google/genai'));
  test.each(inTurns(rows))('%s', (_title, row) => expectRefused(row.call));
  test('a batch of Gemini', async () => {
    const { GoogleGenAI } = await import('genai3');
    const src = [{ contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] }];
    await expectRefused(() =>
      new GoogleGenAI({ apiKey: 'x' }).batches.create({ model: 'gemini-2.5-flash', src }),
    );
  });

  test.each(inTurns(bedrockRows(internet.server.url)))('Bedrock: %s', (_title, row) =>
    expectRefused(row.call),
  );
});
