import type { Dialect } from './dialect.ts';
import { readGenAi } from './gen-ai.ts';

/**
 * OpenLIT: the conventions, with details under OpenAI's own words. Of Anthropic's input it writes the wire's own
 * figure, with the cached tokens beside it.
 */
export const openlit: Dialect = {
  name: 'openlit',
  read: (span) => {
    if (!span.scope.name.startsWith('openlit')) return undefined;
    const cached = /anthropic|bedrock/.test(span.scope.name) ? 'beside' : 'included';
    return (
      readGenAi(span, {
        cached,
        spellings: {
          cacheReadTokens: [
            'gen_ai.usage.cache_read.input_tokens',
            'gen_ai.usage.prompt_tokens_details.cached_tokens',
          ],
          cacheWriteTokens: [
            'gen_ai.usage.cache_creation.input_tokens',
            'gen_ai.usage.prompt_tokens_details.cache_creation_tokens',
          ],
          reasoningTokens: [
            'gen_ai.usage.reasoning.output_tokens',
            'gen_ai.usage.reasoning_tokens',
            'gen_ai.usage.completion_tokens_details.reasoning_tokens',
          ],
          outputAudioTokens: ['gen_ai.usage.completion_tokens_details.audio_tokens'],
        },
      }) ?? { role: 'group' }
    );
  },
};
