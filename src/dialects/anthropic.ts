import { text } from '../base/read.ts';
import type { Dialect } from './dialect.ts';
import { readGenAi } from './gen-ai.ts';

/**
 * The spans that `@anthropic-ai/sdk` makes itself, from 0.134 on. The input includes the cached tokens. Spans of
 * other methods (batches, files, token counts) consume nothing, and the tool runner only groups.
 */
export const anthropic: Dialect = {
  name: 'anthropic',
  read: (span) => {
    if (!span.scope.name.startsWith('com.anthropic.sdk')) return undefined;
    const operation = text(span.attributes['gen_ai.operation.name']);
    if (operation === 'invoke_agent') return { role: 'agent' };
    if (operation === 'execute_tool' || /tool_use /.test(span.name)) return { role: 'tool' };
    if (operation === undefined || /count_tokens|batches/.test(span.name)) return { role: 'group' };
    return readGenAi(span, {
      role: 'call',
      layer: 'wire',
      spellings: {
        cacheWrite5mTokens: ['anthropic.usage.cache_creation.ephemeral_5m_input_tokens'],
        cacheWrite1hTokens: ['anthropic.usage.cache_creation.ephemeral_1h_input_tokens'],
      },
    });
  },
};
