import { firstCount, list, object, text } from '../../base/read.ts';
import { has, startsWith, type Wire } from '../wire.ts';
import { readBatchLine } from './batch-line.ts';
import { openaiEndpoints } from './endpoints.ts';
import { readSessionEvent } from './realtime.ts';

/** OpenAI's API, which half of the world copies. */
export const openaiWire: Wire = {
  name: 'openai',
  endpoints: openaiEndpoints,
  shapes: [
    { path: '/responses', fits: (reply) => /^response\b/.test(text(reply.object) ?? text(reply.type) ?? '') },
    { path: '/chat/completions', fits: (reply) => startsWith(reply.object, 'chat.completion') },
    { path: '/completions', fits: (reply) => reply.object === 'text_completion' },
    { path: '/moderations', fits: (reply) => has(object(list(reply.results)[0]), 'flagged') },
    { path: '/videos', fits: (reply) => reply.object === 'video' },
    {
      path: '/threads/runs',
      fits: (reply) => reply.object === 'thread.run' || startsWith(reply.event, 'thread.'),
    },
    { path: '/audio/transcriptions', fits: (reply) => startsWith(reply.type, 'transcript.') },
    { path: '/images/generations', fits: (reply) => startsWith(reply.type, 'image_') },
    { path: '/audio/speech', fits: (reply) => startsWith(reply.type, 'speech.') },
    { path: '/chat/completions', vague: true, fits: (reply) => has(reply, 'choices') },
    {
      path: '/images/generations',
      vague: true,
      fits: (reply) => has(object(list(reply.data)[0]), 'b64_json', 'url'),
    },
    {
      path: '/rerank',
      vague: true,
      fits: (reply) => has(object(list(reply.results)[0] ?? list(reply.data)[0]), 'relevance_score'),
    },
    { path: '/embeddings', vague: true, fits: (reply) => has(object(list(reply.data)[0]), 'embedding') },
    { path: '/audio/transcriptions', vague: true, fits: (reply) => typeof reply.text === 'string' },
  ],
  requestShapes: [
    { path: '/audio/speech', fits: (request) => has(request, 'voice') },
    { path: '/audio/transcriptions', fits: (request) => has(request, 'file') },
  ],
  outputLimit: (request) =>
    firstCount(request.max_completion_tokens, request.max_output_tokens, request.max_tokens),
  readLine: readBatchLine,
  readSessionEvent,
};
