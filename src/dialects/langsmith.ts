import { type JsonObject, known, object, text } from '../base/read.ts';
import type { Usage } from '../usage/usage.ts';
import type { Dialect } from './dialect.ts';
import { entriesBelow, jsonObject } from './entries.ts';
import { readGenAi } from './gen-ai.ts';
import { providerOf } from './provider.ts';
import { countOf } from './quantities.ts';
import type { SpanRole } from './span.ts';

/** LangSmith's runs as spans. Runs of kind `llm` are calls; their usage is LangChain's, whose input includes caches. */
export const langsmith: Dialect = {
  name: 'langsmith',
  read: (span) => {
    const { attributes } = span;
    const kind = text(attributes['langsmith.span.kind']);
    if (kind === undefined) return undefined;
    const role = ROLES[kind.toLowerCase()] ?? 'group';
    if (role !== 'call') return { role };
    const metadata = entriesBelow(attributes, 'langsmith.metadata.');
    const model =
      text(metadata.ls_model_name) ??
      text(attributes['gen_ai.response.model']) ??
      text(attributes['gen_ai.request.model']);
    const named = text(metadata.ls_provider) ?? text(attributes['gen_ai.system']);
    return readGenAi(span, {
      role,
      layer: 'framework',
      call: {
        ...providerOf(named, model),
        operation: kind.toLowerCase() === 'embedding' ? 'embeddings' : 'chat',
        request: known({ model: text(attributes['gen_ai.request.model']) ?? model }),
        metadata,
      },
      reading: known({
        usage: usageOf(
          jsonObject(attributes['langsmith.usage_metadata']) ?? jsonObject(metadata.usage_metadata),
        ),
      }),
    });
  },
};

const ROLES: Readonly<Record<string, SpanRole>> = { llm: 'call', embedding: 'call', tool: 'tool' };

function usageOf(metadata: JsonObject | undefined): Usage | undefined {
  if (metadata === undefined) return undefined;
  const input = object(metadata.input_token_details) ?? {};
  const output = object(metadata.output_token_details) ?? {};
  const usage: Usage = known({
    inputTokens: countOf(metadata.input_tokens),
    outputTokens: countOf(metadata.output_tokens),
    totalTokens: countOf(metadata.total_tokens),
    cacheReadTokens: countOf(input.cache_read),
    cacheWriteTokens: countOf(input.cache_creation),
    inputAudioTokens: countOf(input.audio),
    outputAudioTokens: countOf(output.audio),
    reasoningTokens: countOf(output.reasoning),
  });
  return Object.keys(usage).length === 0 ? undefined : usage;
}
