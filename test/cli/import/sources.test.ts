import { describe, expect, test } from 'vitest';
import { aicostmanager } from '../../../src/cli/import/aicostmanager.ts';
import { cmdrdata } from '../../../src/cli/import/cmdrdata.ts';
import type { ImportSource } from '../../../src/cli/import/imported-call.ts';
import { langfuse } from '../../../src/cli/import/langfuse.ts';
import { litellm } from '../../../src/cli/import/litellm.ts';
import { SOURCES } from '../../../src/cli/import/sources.ts';
import { eventOf } from '../../../src/cli/import/to-event.ts';
import type { JsonObject } from '../../../src/base/read.ts';
import type { CostEvent } from '../../../src/metering/cost-event.ts';
import { defaultPriceList } from '../../../src/pricing/shipped/default-price-list.ts';

/** The event of one row. */
function event(source: ImportSource, row: JsonObject): CostEvent {
  const call = source.read(row);
  if (call === undefined) throw new Error('the row is no call');
  return eventOf(call, source, { prices: [defaultPriceList] });
}

describe('a Langfuse observation', () => {
  const row = { id: 'o1', traceId: 't', startTime: '2026-11-20T10:00:00Z' };

  test.each([
    ['claude-sonnet-4-5', {}, 'anthropic'],
    ['gemini-2.5-flash', {}, 'gcp.gemini'],
    ['gpt-4o', {}, 'openai'],
    ['o4-mini', {}, 'openai'],
    ['text-embedding-3-small', {}, 'openai'],
    ['llama-3.3-70b', {}, 'unknown'],
    [undefined, {}, 'unknown'],
    ['claude-sonnet-4-5', { provider: 'Bedrock' }, 'aws.bedrock'],
    ['llama-3.3-70b', { ls_provider: 'groq' }, 'groq'],
  ])('of %s with %j was answered by %s', (model, metadata, provider) => {
    expect(event(langfuse, { ...row, model, metadata })).toMatchObject({ provider });
  });

  test.each([
    ['what the provider named', { providedModelName: 'gpt-4o', model: 'b', internalModelId: 'c' }, 'gpt-4o'],
    ['what the application named', { model: 'gpt-4o', internalModelId: 'c' }, 'gpt-4o'],
    ['what Langfuse found', { internalModelId: 'gpt-4o' }, 'gpt-4o'],
  ])('is of the model that is known best: %s', (_what, names, model) => {
    expect(event(langfuse, { ...row, ...names }).responseModel).toBe(model);
  });

  test.each([
    [
      'the details of today',
      { usageDetails: { input: 80, cache_read_input_tokens: 20, output: 7, total: 107 } },
    ],
    [
      'the details as CSV has them',
      { usageDetails: '{"input":"80","cache_read_input_tokens":"20","output":"7","total":"107"}' },
    ],
    [
      'the block of older versions',
      { usage: { input: 100, output: 7, total: 107, unit: 'TOKENS', cost: null, empty: '' } },
      true,
    ],
    ['counts beside it', { promptTokens: 100, completionTokens: 7, totalTokens: 107 }],
    ['counts of an export', { inputUsage: '100', outputUsage: '7', totalUsage: '107' }],
  ])('has its tokens from %s', (_what, counts, hasUnits = false) => {
    // A unit is no count: the row is refused and named, never read as 0.
    if (hasUnits) return expect(() => event(langfuse, { ...row, ...counts })).toThrow('"TOKENS" is no count');
    // 80 + 20 cached ones
    return expect(event(langfuse, { ...row, ...counts }).usage).toMatchObject({
      inputTokens: 100,
      outputTokens: 7,
      totalTokens: 107,
    });
  });

  test.each([
    ['costDetails', { costDetails: { total: 0.3 }, calculatedTotalCost: 1, totalCost: 2 }, '0.3'],
    ['calculatedTotalCost', { calculatedTotalCost: '0.25', totalCost: 2 }, '0.25'],
    ['totalCost', { totalCost: '1e-7' }, '0.0000001'],
  ])('costs what %s says, to the last digit', (_what, costs, amount) => {
    expect(event(langfuse, { ...row, ...costs }).cost).toMatchObject({
      amount,
      price: { list: 'import:langfuse', id: 'unknown' },
    });
  });

  test('without counts and without a cost is unpriced, never free', () => {
    expect(event(langfuse, { ...row, model: 'gpt-4o' })).toMatchObject({
      usageSource: 'none',
      cost: { status: 'unpriced', reason: 'the imported row has no usage' },
    });
  });

  test('is billed to the user of the trace, else to the one its metadata names', () => {
    const payer = (more: JsonObject): string | null => event(langfuse, { ...row, ...more }).customer;
    expect(payer({ userId: 'acme', metadata: { userId: 'globex' } })).toBe('acme');
    expect(payer({ userId: 42, metadata: '{"user_id":"globex"}' })).toBe('42');
    expect(payer({ metadata: { userId: 'globex', user_id: 'umbrella' } })).toBe('globex');
    expect(payer({ metadata: '{"user_id":"umbrella"}' })).toBe('umbrella');
    expect(payer({ metadata: 'no JSON' })).toBeNull();
  });

  test('that failed is a failed call, an embedding is one, and an end before the start is no duration', () => {
    expect(
      event(langfuse, {
        ...row,
        type: 'embedding',
        level: 'ERROR',
        endTime: '2026-11-20T09:00:00Z',
        name: 7,
      }),
    ).toMatchObject({
      operation: 'embeddings',
      status: 'error',
      errorType: 'error',
      context: { feature: '7' },
    });
    expect(event(langfuse, { ...row, endTime: '2026-11-20T09:00:00Z' }).durationMs).toBeUndefined();
  });

  test.each([
    [{ id: '' }, 'no id'],
    [{ startTime: undefined }, 'no time: absent'],
    [{ totalCost: 'much' }, '"much" is no amount'],
    [{ promptTokens: 1.5 }, '1.5 is no count'],
  ])('with %j is refused: %s', (wrong, reason) => {
    expect(() => event(langfuse, { ...row, ...wrong })).toThrow(reason);
  });
});

// The same instant; LLMCosts, AICostManager and cmdrdata write it each in a way of their own.
test.each([
  ['ISO text', '2026-11-20T10:00:00Z'],
  ['ISO text without a zone', '2026-11-20 10:00:00'],
  ['seconds', 1_795_168_800],
  ['seconds as text', '1795168800.0'],
  ['milliseconds', 1_795_168_800_000],
  ['microseconds', '1795168800000000'],
])('a time may be %s', (_what, timestamp) => {
  const row = { customer_id: 'acme', model: 'gpt-4o', input_tokens: 1, output_tokens: 1, timestamp };
  expect(event(cmdrdata, row).timestamp.toISOString()).toBe('2026-11-20T10:00:00.000Z');
});

describe('an event of cmdrdata', () => {
  const row = {
    customer_id: 'acme',
    model: 'gpt-4o',
    input_tokens: 1000,
    output_tokens: 100,
    timestamp: 1_795_168_800,
  };

  test('has the same id however often it is read: of its response, its request, else of what it says', () => {
    const ids = [
      {},
      { input_tokens: 1001 },
      { metadata: { request_id: 'req_1' } },
      { request: { id: 'req_2' }, metadata: { request_id: 'req_1' } },
      { request: { id: 'req_2' }, metadata: { response_id: 'resp_1' } },
    ].map((more) => event(cmdrdata, { ...row, ...more }).id);
    expect(new Set(ids).size).toBe(5);
    expect(event(cmdrdata, { ...row }).id).toBe(ids[0]);
  });

  test('that succeeded says nothing of an error, and one that failed without a word has an unknown one', () => {
    const good = event(cmdrdata, { ...row, latency: { duration_ms: -1 }, request: { streaming: 'yes' } });
    expect(good).toMatchObject({ status: 'ok', provider: 'openai', stream: false });
    expect([good.errorType, good.durationMs]).toEqual([undefined, undefined]);
    expect(event(cmdrdata, { ...row, error: { occurred: true } }).errorType).toBe('unknown_error');
  });
});

describe('a row of LiteLLM', () => {
  const row = {
    request_id: 'r1',
    spend: 0.0035,
    startTime: '2026-11-20T10:00:00Z',
    call_type: 'acompletion',
  };

  test.each([
    [{ custom_llm_provider: 'Azure', model: 'openai/gpt-4o' }, 'azure.ai.openai', 'gpt-4o'],
    [{ model: 'groq/llama-3.3-70b' }, 'groq', 'llama-3.3-70b'],
    [{}, 'openai', undefined],
  ])('%j is of %s', (more, provider, model) => {
    const { provider: found, responseModel } = event(litellm, { ...row, ...more });
    expect([found, responseModel]).toEqual([provider, model]);
  });

  test('that failed, or embeds, says so; its tags come as text or as a list', () => {
    expect(
      event(litellm, { ...row, status: 'failure', call_type: 'aembedding', request_tags: ['a', 1] }),
    ).toMatchObject({
      status: 'error',
      errorType: 'unknown',
      operation: 'embeddings',
      context: { tags: ['a', '1'] },
    });
    const bare = event(litellm, { ...row, call_type: null, request_tags: '[]' });
    expect([bare.operation, bare.context.tags]).toEqual(['chat', undefined]);
  });

  test('carries the provider’s own block where the proxy kept it', () => {
    const usage = {
      prompt_tokens: 1000,
      completion_tokens: 100,
      prompt_tokens_details: { cached_tokens: 400 },
    };
    expect(event(litellm, { ...row, metadata: { usage_object: usage } }).usage).toMatchObject({
      inputTokens: 1000,
      cacheReadTokens: 400,
      outputTokens: 100,
    });
  });
});

describe('a record of AICostManager', () => {
  const row = { response_id: 'r1', timestamp: '1795168800' };

  test('of the older generation is read like one of today', () => {
    const old = {
      ...row,
      service_id: 'openai',
      usage: { model: 'gpt-4o', prompt_tokens: 1000, completion_tokens: 100 },
    };
    expect(SOURCES.find(({ matches }) => matches(old))).toBe(aicostmanager);
    // 1,000 × 2.5 ÷ 1e6 + 100 × 10 ÷ 1e6
    expect(event(aicostmanager, { ...old, client_customer_key: 'acme' })).toMatchObject({
      customer: 'acme',
      responseModel: 'gpt-4o',
      cost: { amount: '0.0035' },
    });
  });

  test('of Gemini has Gemini’s own block, and one whose block nobody knows keeps the counts it can name', () => {
    const gemini = { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 };
    expect(
      event(aicostmanager, { ...row, service_key: 'google::gemini-2.5-flash', payload: gemini }).usage,
    ).toMatchObject({
      inputTokens: 10,
      outputTokens: 5,
    });
    const own = { input_characters: 12, unit: 'characters' };
    expect(event(aicostmanager, { ...row, service_key: 'elevenlabs::v3', payload: own }).usage).toEqual({
      inputCharacters: 12,
    });
    const unknown = event(aicostmanager, {
      ...row,
      service_key: 'elevenlabs::v3',
      payload: { unit: 'characters' },
    });
    expect(unknown).toMatchObject({ usage: {}, usageSource: 'none', cost: { status: 'unpriced' } });
  });

  test.each([
    [{}, 'no vendor in service_key'],
    [{ service_key: 'openai::gpt-4o', response_id: undefined }, 'no response_id'],
    [{ cost_unit_id: 'x' }, 'Import what was tracked instead'],
  ])('%j is refused: %s', (wrong, reason) => {
    expect(() => event(aicostmanager, { ...row, ...wrong })).toThrow(reason);
  });
});
