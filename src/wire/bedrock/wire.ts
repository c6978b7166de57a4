import { count, object } from '../../base/read.ts';
import { has, type Wire } from '../wire.ts';
import { bedrockEndpoints } from './endpoints.ts';
import { readSessionEvent } from './sonic.ts';

/** Amazon Bedrock's runtime. Whatever a model answers in its own JSON, `invoke` tells the families apart. */
export const bedrockWire: Wire = {
  name: 'bedrock',
  endpoints: bedrockEndpoints,
  shapes: [
    {
      path: '/model/m/converse',
      fits: (reply) => has(reply, 'messageStart') || has(object(reply.usage), 'inputTokens'),
    },
    {
      path: '/model/m/invoke',
      fits: (reply) => has(reply, 'inputTextTokenCount', 'generation_token_count', 'chunk'),
    },
  ],
  anyShape: '/model/m/invoke',
  readSessionEvent,
  outputLimit: (request) => count(object(request.inferenceConfig)?.maxTokens),
};
