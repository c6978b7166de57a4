import { count, object } from '../../base/read.ts';
import { has, startsWith, type Wire } from '../wire.ts';
import { readBatchLine } from './batch-line.ts';
import { googleEndpoints } from './endpoints.ts';
import { readSessionEvent } from './live.ts';

/** Gemini's API, on Google AI and on Vertex. */
export const googleWire: Wire = {
  name: 'google',
  endpoints: googleEndpoints,
  shapes: [
    { path: '/models/m:embedContent', fits: (reply) => has(reply, 'embedding', 'predictions') },
    {
      path: '/models/m:embedContent',
      fits: (reply) => has(reply, 'embeddings') && has(reply, 'usageMetadata'),
    },
    { path: '/models/m:generateContent', fits: (reply) => has(reply, 'usageMetadata', 'candidates') },
    {
      path: '/interactions',
      fits: (reply) => reply.object === 'interaction' || startsWith(reply.event_type, 'interaction.'),
    },
  ],
  // The SDK calls it `config`, HTTP calls it `generationConfig`.
  outputLimit: (request) =>
    count((object(request.generationConfig) ?? object(request.config))?.maxOutputTokens),
  readLine: readBatchLine,
  readSessionEvent,
};
