import { known, object, text } from '../base/read.ts';
import { readUsage as readAnthropicUsage } from '../wire/anthropic/usage.ts';
import type { Dialect } from './dialect.ts';
import { entriesBelow, jsonObject } from './entries.ts';
import { readGenAi } from './gen-ai.ts';
import { providerOf } from './provider.ts';
import type { CachedTokens, Spellings } from './quantities.ts';
import type { EndedSpan } from './span.ts';

/**
 * Vercel's AI SDK 4 to 6, and its legacy spans in 7: scope `ai`, which has no version. The steps (`….doGenerate`) are
 * the calls; the spans around them repeat their sum.
 */
export const vercelAi: Dialect = {
  name: 'vercel-ai',
  read: (span) => {
    const { attributes } = span;
    const operationId = text(attributes['ai.operationId']);
    if (operationId === undefined) return undefined;
    if (operationId === 'ai.toolCall') return { role: 'tool' };
    const step = /\.do(?<step>Generate|Stream|Embed|Rerank)$/.exec(operationId)?.groups?.step;
    if (step === undefined) return { role: 'group' };
    const requestModel = text(attributes['ai.model.id']);
    const responseModel = text(attributes['ai.response.model']);
    const providerName = text(attributes['ai.model.provider']) ?? '';
    // What Anthropic itself said, whole; older versions have it nowhere else.
    const raw = object(jsonObject(attributes['ai.response.providerMetadata'])?.anthropic)?.usage;
    const usage = readAnthropicUsage(raw);
    return readGenAi(span, {
      role: 'call',
      layer: 'wire',
      cached: cachedTokens(span, providerName),
      spellings: QUANTITIES,
      call: {
        ...providerOf(
          ownerOf(providerName),
          responseModel ?? requestModel,
          text(attributes['server.address']),
        ),
        operation: OPERATIONS[step] ?? 'chat',
        request: known({ model: requestModel, stream: step === 'Stream' ? true : undefined }),
        metadata: entriesBelow(attributes, 'ai.telemetry.metadata.'),
        ...known({ timeToFirstTokenMs: firstChunk(attributes['ai.response.msToFirstChunk']) }),
      },
      reading: known({
        responseId: text(attributes['ai.response.id']),
        responseModel,
        usage,
        usageRaw: usage === undefined ? undefined : object(raw),
      }),
    });
  },
};

const OPERATIONS: Readonly<Record<string, string>> = { Embed: 'embeddings', Rerank: 'rerank' };

const QUANTITIES: Spellings = {
  inputTokens: [
    'ai.usage.inputTokens',
    'ai.usage.promptTokens',
    'ai.usage.tokens',
    'gen_ai.usage.input_tokens',
  ],
  outputTokens: ['ai.usage.outputTokens', 'ai.usage.completionTokens', 'gen_ai.usage.output_tokens'],
  totalTokens: ['ai.usage.totalTokens'],
  cacheReadTokens: ['ai.usage.inputTokenDetails.cacheReadTokens', 'ai.usage.cachedInputTokens'],
  cacheWriteTokens: ['ai.usage.inputTokenDetails.cacheWriteTokens'],
  reasoningTokens: ['ai.usage.outputTokenDetails.reasoningTokens', 'ai.usage.reasoningTokens'],
};

/**
 * From version 6 on, which writes `inputTokenDetails`, every provider's input includes them. Before, those of Claude
 * passed on the wire's own figure.
 */
function cachedTokens({ attributes }: EndedSpan, provider: string): CachedTokens {
  const isNew = Object.keys(attributes).some((name) => name.startsWith('ai.usage.inputTokenDetails.'));
  return !isNew && /anthropic|bedrock/.test(provider) ? 'beside' : 'included';
}

/** `openai.responses` → `openai`, `google.generative-ai` → `google`, `google.vertex.chat` → `vertex_ai`. */
function ownerOf(provider: string): string {
  if (/vertex/.test(provider)) return 'vertex_ai';
  return provider === 'gateway' ? 'vercel_gateway' : (provider.split('.')[0] ?? provider);
}

function firstChunk(value: unknown): number | undefined {
  return typeof value === 'number' ? Math.round(value) : undefined;
}
