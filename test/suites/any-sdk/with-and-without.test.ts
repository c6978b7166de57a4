import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  AnthropicInstrumentation,
  BedrockInstrumentation,
  type CostEvent,
  CostSpanProcessor,
  GoogleGenAIInstrumentation,
  OpenAIInstrumentation,
  ProviderFetchInstrumentation,
  withCustomer,
} from '../../../src/index.ts';
import { SqliteLedger } from '../../../src/ledger/sqlite/sqlite-ledger.ts';
import { registerTracing } from '../../support/register-tracing.ts';
import { Internet, TEXT } from './internet.ts';
import type { Row } from './sdks.ts';
import { writeSeen } from './seen.ts';

// Every SDK of the table twice: with the net alone, and with all instrumentations above it. The bill is the same, and
// nothing that was said is in it.

const folder = mkdtempSync(join(tmpdir(), 'costspan-any-sdk-'));
const internet = await Internet.start();
const net = new ProviderFetchInstrumentation({ providers: { 'llm.internal:8080': 'self_hosted' } });
const heard: CostEvent[] = [];
const ledger = new SqliteLedger({ path: join(folder, 'costs.db') });
const processor = new CostSpanProcessor({
  sinks: [ledger, { write: (events) => void heard.push(...events) }],
  delivery: 'sync',
});
const exporter = new InMemorySpanExporter();
registerTracing([processor, new SimpleSpanProcessor({ exporter })]);
const { anthropicRows, bedrockRows, fetchSdks, openaiRows, plainFetch, PROMPT } = await import('./sdks.ts');
const rows: readonly Row[] = [...openaiRows, ...anthropicRows, ...fetchSdks, ...plainFetch];

const above = [
  new OpenAIInstrumentation(),
  new AnthropicInstrumentation(),
  new GoogleGenAIInstrumentation(),
  new BedrockInstrumentation(),
] as const;
// They patch what is loaded already as well; first they are off.
for (const each of above) each.disable();

afterAll(async () => {
  writeSeen(
    'sdks',
    same.filter((title) => !title.startsWith('fetch ')),
  );
  net.disable();
  for (const each of above) each.disable();
  await processor.shutdown();
  await internet.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** What one row was billed: provider, model, quantities, amount. */
async function bill({ call }: Row): Promise<readonly string[]> {
  heard.length = 0;
  await withCustomer('acme', call as () => Promise<unknown>);
  await new Promise(setImmediate);
  return heard.map(({ customer, provider, requestModel, usage, cost }) =>
    JSON.stringify([customer, provider, requestModel, usage, cost.status, cost.amount]),
  );
}

/** The rows that were billed the same both ways, for docs/compatibility.md. */
const same: string[] = [];
const bills = new Map<string, readonly string[]>();

describe('with the net alone', () => {
  test.each(rows.map((row) => [row.title, row] as const))('%s is billed once', async (title, row) => {
    const billed = await bill(row);
    expect(billed).toHaveLength(row.events ?? 1);
    bills.set(title, billed);
  });
});

describe('with every instrumentation above the net', () => {
  beforeAll(async () => {
    const [openai, anthropic, google, bedrock] = above;
    for (const each of above) each.enable();
    openai.manuallyInstrument(await import('openai'));
    anthropic.manuallyInstrument(await import('@anthropic-ai/sdk'));
    for (const major of [1, 2, 3]) google.manuallyInstrument(await import(`genai${major}`));
    bedrock.manuallyInstrument(await import('@aws-sdk/client-bedrock-runtime'));
  });

  test.each(rows.map((row) => [row.title, row] as const))('%s is billed the same', async (title, row) => {
    expect(await bill(row)).toEqual(bills.get(title));
    same.push(title);
  });

  // What the net beneath does not see.
  const commands = bedrockRows(internet.server.url);
  test.each(commands.map((row) => [row.title, row] as const))(
    'Bedrock: %s is billed once',
    async (_, row) => {
      expect(await bill(row)).toHaveLength(1);
    },
  );
});

test('no event, span or file holds what was said, or a key', () => {
  const files = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1'));
  const spans = exporter
    .getFinishedSpans()
    .map(({ name, attributes, events }) => ({ name, attributes, events }));
  expect(spans.length).toBeGreaterThan(50);
  const everything = [...files, JSON.stringify(spans), JSON.stringify(heard)].join('\n');
  expect(everything).toContain('acme');
  for (const said of [PROMPT, TEXT, 'secret-key']) expect(everything.includes(said)).toBe(false);
});
