import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  BedrockInstrumentation,
  type CostEvent,
  CostSpanProcessor,
  GoogleGenAIInstrumentation,
  ProviderFetchInstrumentation,
  withCustomer,
} from '../../../src/index.ts';
import { aiSdkRows } from './ai-sdk.ts';
import { Internet } from './internet.ts';
import type { Row } from './sdks.ts';
import { writeSeen } from './seen.ts';

const PROVIDERS = { 'llm.internal:8080': 'self_hosted' };

// In the order of an application's start: the telemetry, then the SDKs, some of which keep the `fetch` they find.
const internet = await Internet.start();
const net = new ProviderFetchInstrumentation({ providers: PROVIDERS });
const heard: CostEvent[] = [];
const processor = new CostSpanProcessor({
  sinks: [{ write: (events) => void heard.push(...events) }],
  delivery: 'sync',
});
const { bedrockRows, fetchSdks, plainFetch } = await import('./sdks.ts');

/** For docs/compatibility.md. */
const exact: string[] = [];

afterAll(async () => {
  writeSeen('ai-sdk', exact);
  net.disable();
  await processor.shutdown();
  await internet.stop();
});

beforeEach(() => {
  heard.length = 0;
});

/** One application call, and exactly its events: the customer's, with the provider's own figures. */
async function expectBilled({
  call,
  provider,
  operation,
  input = 120,
  output = 30,
  usage,
  events = 1,
}: Row): Promise<void> {
  await withCustomer('acme', call as () => Promise<unknown>);
  await new Promise(setImmediate);
  expect(heard).toHaveLength(events);
  for (const event of heard) {
    expect(event).toMatchObject({
      customer: 'acme',
      provider,
      status: 'ok',
      usageSource: 'provider',
      ...(operation === undefined ? {} : { operation }),
    });
    expect(event.usage).toMatchObject(
      usage ?? { inputTokens: input, ...(output === 0 ? {} : { outputTokens: output }) },
    );
    if (output === 0) expect(event.usage.outputTokens).toBeUndefined();
  }
}

const inTurns = (rows: readonly Row[]): [string, Row][] => rows.map((row) => [row.title, row]);

describe('through the net alone', () => {
  test.each(inTurns(plainFetch))('%s is one event', (_title, row) => expectBilled(row));
  test.each(inTurns(fetchSdks))('%s is one event', (_title, row) => expectBilled(row));
});

describe.each([5, 6, 7])('the AI SDK %d through the net', async (major) => {
  test.each(inTurns(await aiSdkRows(major, false)))('%s', (_title, row) => expectBilled(row));
  test.each(inTurns(await aiSdkRows(major, true)))('%s, with its telemetry on', async (title, row) => {
    await expectBilled(row);
    exact.push(title);
  });
});

describe('with the SDK’s own instrumentation above the net', () => {
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

  const google_ = fetchSdks.filter(({ title }) => title.startsWith('@google/genai'));
  test.each(inTurns(google_))('%s is one event', (_title, row) => expectBilled(row));

  test.each(inTurns(google_))('%s is one event, with the net switched off', async (_title, row) => {
    net.disable();
    try {
      await expectBilled(row);
    } finally {
      net.enable();
    }
  });

  test.each(inTurns(bedrockRows(internet.server.url)))('Bedrock: %s is one event', (_title, row) =>
    expectBilled(row),
  );
});
