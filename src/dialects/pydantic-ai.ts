import { text } from '../base/read.ts';
import type { Dialect } from './dialect.ts';
import { jsonObject } from './entries.ts';
import { readGenAi } from './gen-ai.ts';
import type { EndedSpan } from './span.ts';

/**
 * Pydantic AI and Logfire: the conventions with details of their own (`gen_ai.usage.details.*`). Spans of agent runs
 * repeat the sum of their requests; the input includes the cached tokens for every provider.
 */
export const pydanticAi: Dialect = {
  name: 'pydantic-ai',
  read: (span) => {
    if (!/^(?:pydantic-ai|logfire)/.test(span.scope.name)) return undefined;
    const { attributes } = span;
    const isRun =
      attributes.all_messages_events !== undefined || attributes['pydantic_ai.all_messages'] !== undefined;
    if (isRun || (text(attributes.agent_name) !== undefined && span.name.endsWith('run')))
      return { role: 'agent' };
    // Logfire writes the usage of a stream on a span of its own, when the stream has ended.
    if (isOpenStream(span)) return { role: 'group' };
    // Logfire's wrappers of the SDKs send; Pydantic AI calls an SDK.
    const layer = span.scope.name.startsWith('logfire') ? 'wire' : 'framework';
    const requested = text(jsonObject(attributes.request_data)?.model);
    return readGenAi(
      span,
      requested === undefined ? { layer } : { layer, call: { request: { model: requested } } },
    );
  },
};

function isOpenStream({ scope, attributes, failed }: EndedSpan): boolean {
  const saysReply = 'gen_ai.usage.input_tokens' in attributes || 'gen_ai.response.id' in attributes;
  const isEmbedding = attributes['gen_ai.operation.name'] === 'embeddings';
  return scope.name.startsWith('logfire') && !failed && !saysReply && !isEmbedding;
}
