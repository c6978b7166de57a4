import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/base/read.ts';
import { readSpan } from '../../src/dialects/dialects.ts';
import type { EndedSpan } from '../../src/dialects/span.ts';

/** A span of a dialect or a version that is not among the recordings. */
function span(attributes: JsonObject, scope: EndedSpan['scope'] = { name: 'x' }): EndedSpan {
  const ids = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) };
  return { ...ids, name: 'chat', isClient: true, startMs: 1, endMs: 2, attributes, scope, failed: false };
}

const MODEL = { 'gen_ai.request.model': 'gpt-4o' };
const anthropic = {
  'gen_ai.operation.name': 'chat',
  'gen_ai.usage.input_tokens': 10,
  'gen_ai.usage.cache_read.input_tokens': 90,
  'gen_ai.usage.total_tokens': 15,
  'gen_ai.usage.output_tokens': 5,
};

describe('the input includes the cached tokens, by whichever instrumentation and version', () => {
  test.each([
    [
      'names of 1.26',
      span({
        ...MODEL,
        'gen_ai.system': 'openai',
        'gen_ai.usage.prompt_tokens': 100,
        'gen_ai.usage.completion_tokens': 5,
      }),
    ],
    [
      "Traceloop's old names",
      span({
        ...MODEL,
        'llm.request.type': 'chat',
        'llm.usage.prompt_tokens': 100,
        'llm.usage.completion_tokens': 5,
      }),
    ],
    [
      'counts as text',
      span({ ...MODEL, 'gen_ai.usage.input_tokens': '100', 'gen_ai.usage.output_tokens': '5' }),
    ],
    [
      'Bedrock under the AWS instrumentation: 10 + 90',
      span(anthropic, { name: '@opentelemetry/instrumentation-aws-sdk' }),
    ],
    [
      'Traceloop for Anthropic up to 0.27: 10 + 90',
      span(anthropic, { name: '@traceloop/instrumentation-anthropic', version: '0.27.0' }),
    ],
    ['an input below its own cached part: 10 + 90', span({ ...anthropic }, { name: 'anything' })],
    [
      'OpenInference for Anthropic up to 0.1: 40 + 60',
      span(
        {
          'openinference.span.kind': 'LLM',
          'llm.token_count.prompt': 40,
          'llm.token_count.prompt_details.cache_read': 60,
          'llm.token_count.completion': 5,
        },
        { name: '@arizeai/openinference-instrumentation-anthropic', version: '0.1.9' },
      ),
    ],
    [
      'Claude under AI SDK 5: 40 + 60',
      span(
        {
          'ai.operationId': 'ai.streamText.doStream',
          'ai.model.provider': 'anthropic.messages',
          'ai.usage.inputTokens': 40,
          'ai.usage.cachedInputTokens': 60,
          'ai.usage.outputTokens': 5,
        },
        { name: 'ai' },
      ),
    ],
  ])('%s', (_, given) => {
    const reading = readSpan(given);
    expect(reading).toMatchObject({
      role: 'call',
      call: { reading: { usage: { inputTokens: 100, outputTokens: 5 } } },
    });
  });
});

describe('agents, tools, chains and retrievers are no calls', () => {
  test.each([
    [{ 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.usage.input_tokens': 1 }, 'agent'],
    [{ 'gen_ai.operation.name': 'execute_tool' }, 'tool'],
    [{ 'mcp.method.name': 'tools/call', 'gen_ai.usage.input_tokens': 1, ...MODEL }, 'tool'],
    [{ 'gen_ai.operation.name': 'fetch_response', 'gen_ai.usage.input_tokens': 1 }, 'group'],
    [{ 'gen_ai.operation.name': 'search_memory' }, 'group'],
    [{ 'openinference.span.kind': 'CHAIN', 'llm.token_count.prompt': 1 }, 'group'],
    [{ 'openinference.span.kind': 'RETRIEVER' }, 'group'],
    [{ 'openinference.span.kind': 'AGENT' }, 'agent'],
    [{ 'traceloop.span.kind': 'workflow' }, 'group'],
    [{ 'traceloop.span.kind': 'tool' }, 'tool'],
    [{ 'ai.operationId': 'ai.generateText', 'ai.usage.inputTokens': 1 }, 'group'],
    [{ 'langfuse.observation.type': 'span' }, 'group'],
    [{ 'langsmith.span.kind': 'chain' }, 'group'],
    [{ 'sentry.op': 'gen_ai.invoke_agent' }, 'agent'],
    [{ 'sentry.op': 'mcp.server', 'gen_ai.usage.input_tokens': 1 }, 'tool'],
  ])('%j is a %s', (attributes, role) => {
    expect(readSpan(span(attributes))).toEqual({ role });
  });

  test.each([
    [{}],
    [{ 'http.request.method': 'POST' }],
    [{ 'sentry.op': 'http.client' }],
    [{ 'db.system': 'x' }],
  ])('%j says nothing of a model', (attributes) => {
    expect(readSpan(span(attributes))).toBeUndefined();
  });
});

describe('the provider', () => {
  test.each([
    [{ 'gen_ai.system': 'az.ai.openai' }, 'azure.ai.openai'],
    [{ 'gen_ai.provider.name': 'openai', 'server.address': 'api.deepseek.com' }, 'deepseek'],
    [
      { 'gen_ai.provider.name': 'openai', 'gen_ai.openai.api_base': 'https://api.groq.com/openai/v1' },
      'groq',
    ],
    [{ 'gen_ai.provider.name': 'openai', 'server.address': '127.0.0.1' }, 'openai'],
    [{ 'gen_ai.system': 'Langchain', 'gen_ai.request.model': 'claude-sonnet-4-6' }, 'anthropic'],
    [{ 'gen_ai.request.model': 'my-own-model' }, 'unknown'],
  ])('of %j is %s', (attributes, provider) => {
    const given = span({ ...MODEL, 'gen_ai.operation.name': 'chat', ...attributes });
    expect(readSpan(given)).toMatchObject({ call: { provider } });
  });
});

describe('a run of LangSmith', () => {
  const run = (attributes: Record<string, unknown>) =>
    readSpan(span({ 'langsmith.span.kind': 'llm', ...attributes }));
  const usage = {
    input_tokens: 100,
    output_tokens: 5,
    total_tokens: 105,
    input_token_details: { cache_read: 60 },
  };

  test('has LangChain’s usage, from where the version puts it', () => {
    const counted = {
      role: 'call',
      call: { reading: { usage: { inputTokens: 100, cacheReadTokens: 60, outputTokens: 5 } } },
    };
    expect(run({ 'langsmith.usage_metadata': JSON.stringify(usage) })).toMatchObject(counted);
    expect(run({ 'langsmith.metadata.usage_metadata': JSON.stringify(usage) })).toMatchObject(counted);
    const details = JSON.stringify({ output_tokens: 5, output_token_details: { reasoning: 3, audio: 1 } });
    expect(run({ 'langsmith.usage_metadata': details })).toMatchObject({
      call: { reading: { usage: { outputTokens: 5, reasoningTokens: 3, outputAudioTokens: 1 } } },
    });
  });

  test('without usage has none, also where the block says nothing', () => {
    for (const attributes of [
      {},
      { 'langsmith.usage_metadata': '{}' },
      { 'langsmith.usage_metadata': 'no JSON' },
    ])
      expect(run(attributes)).not.toMatchObject({
        call: { reading: { usage: expect.anything() as unknown } },
      });
  });

  test.each([
    [{ 'langsmith.metadata.ls_model_name': 'gpt-4o', 'gen_ai.response.model': 'b' }, 'gpt-4o'],
    [{ 'gen_ai.response.model': 'gpt-4o', 'gen_ai.request.model': 'b' }, 'b'],
    [{ 'gen_ai.request.model': 'gpt-4o' }, 'gpt-4o'],
  ])('of %j asked for %s', (attributes, model) => {
    expect(run(attributes)).toMatchObject({ call: { request: { model } } });
  });

  test.each([
    [{ 'langsmith.metadata.ls_provider': 'anthropic', 'gen_ai.system': 'openai' }, 'anthropic'],
    [{ 'gen_ai.system': 'groq' }, 'groq'],
  ])('of %j is of %s', (attributes, provider) => {
    expect(run(attributes)).toMatchObject({ call: { provider } });
  });

  test('that embeds is an embedding', () => {
    expect(run({ 'langsmith.span.kind': 'Embedding' })).toMatchObject({ call: { operation: 'embeddings' } });
  });
});
