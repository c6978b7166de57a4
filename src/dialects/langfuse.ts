import { type JsonObject, known, text } from '../base/read.ts';
import type { Usage } from '../usage/usage.ts';
import type { QuantityName } from '../usage/quantities.ts';
import type { Dialect } from './dialect.ts';
import { entriesBelow, jsonObject } from './entries.ts';
import { outcomeOf } from './gen-ai.ts';
import { providerOf } from './provider.ts';
import { countOf } from './quantities.ts';
import type { SpanRole } from './span.ts';

/**
 * Langfuse's SDKs (v3 of Python, v4 of JavaScript, and later). Only generations and embeddings are calls. Their usage
 * is JSON in buckets that do not overlap: `input` is what is left of the input beside `input_cached_tokens`.
 */
export const langfuse: Dialect = {
  name: 'langfuse',
  read: (span) => {
    const { attributes } = span;
    const type = text(attributes['langfuse.observation.type']);
    if (type === undefined) return undefined;
    const role = ROLES[type] ?? 'group';
    if (role !== 'call') return { role };
    const model = text(attributes['langfuse.observation.model.name']);
    const parameters = jsonObject(attributes['langfuse.observation.model.parameters']);
    return {
      role,
      // Made around a client or by a framework's callback; either may have another instrumentation below.
      layer: 'framework',
      call: {
        ...providerOf(undefined, model),
        operation: type === 'embedding' || /embedding/i.test(span.name) ? 'embeddings' : 'chat',
        request: known({ model, stream: parameters?.stream === true ? true : undefined }),
        reading: known({
          responseModel: model,
          usage: bucketsToUsage(jsonObject(attributes['langfuse.observation.usage_details'])),
        }),
        ...outcomeOf(span),
        ...(attributes['langfuse.observation.level'] === 'ERROR' ? { status: 'error' as const } : {}),
        metadata: {
          ...entriesBelow(attributes, 'langfuse.trace.metadata.'),
          ...entriesBelow(attributes, 'langfuse.observation.metadata.'),
        },
      },
    };
  },
};

const ROLES: Readonly<Record<string, SpanRole>> = {
  generation: 'call',
  embedding: 'call',
  agent: 'agent',
  tool: 'tool',
};

/** `{ input: 86, input_cached_tokens: 1920, output: 108, output_reasoning_tokens: 192 }` is 2006 in and 300 out. */
function bucketsToUsage(buckets: JsonObject | undefined): Usage | undefined {
  if (buckets === undefined) return undefined;
  const usage: { -readonly [Name in QuantityName]?: number } = {};
  for (const [bucket, value] of Object.entries(buckets)) {
    const quantity = countOf(value);
    if (quantity === undefined) continue;
    if (bucket === 'total') usage.totalTokens = quantity;
    const isInput = /^input|^prompt|^cache_(?:read|creation|write)/.test(bucket);
    if (!isInput && !/^output|^completion/.test(bucket)) continue;
    const side = isInput ? 'inputTokens' : 'outputTokens';
    usage[side] = (usage[side] ?? 0) + quantity;
    const detail = DETAILS.find(([pattern]) => pattern.test(bucket))?.[1];
    if (detail !== undefined) usage[detail] = (usage[detail] ?? 0) + quantity;
  }
  return Object.keys(usage).length === 0 ? undefined : usage;
}

const DETAILS: readonly (readonly [RegExp, QuantityName])[] = [
  [/cache_(?:creation|write)/, 'cacheWriteTokens'],
  [/cached?(?:_read|_tokens|$)|cache_read/, 'cacheReadTokens'],
  [/^output.*reasoning/, 'reasoningTokens'],
  [/^input.*audio/, 'inputAudioTokens'],
  [/^output.*audio/, 'outputAudioTokens'],
  [/^input.*image/, 'inputImageTokens'],
];
