import type { Endpoint } from '../reading.ts';
import { readRequest } from '../request.ts';
import { createCompletionStreamReader, readCompletion } from './complete.ts';
import { createMessageStreamReader, readMessage } from './messages.ts';
import { createSessionStreamReader, readSession } from './sessions.ts';

const messages = {
  operation: 'chat',
  readRequest,
  readResponse: readMessage,
  readStream: createMessageStreamReader,
} as const;

const session = {
  operation: 'invoke_agent',
  readResponse: readSession,
  readStream: createSessionStreamReader,
} as const;

/** Every call of Anthropic's API that costs, or that could be mistaken for one that does. First match wins. */
export const anthropicEndpoints: readonly Endpoint[] = [
  { method: 'POST', path: '/messages/count_tokens', operation: 'count_tokens', free: true },
  { method: 'POST', path: '/messages/batches', operation: 'batch', free: true },
  { method: 'POST', path: '/messages/batches/{id}/cancel', operation: 'batch', free: true },
  { method: 'POST', path: '/messages', ...messages },
  // Claude on Vertex and on Bedrock: the SDK's clients rewrite the path, the wire stays the same.
  { method: 'POST', path: '/models/count-tokens:rawPredict', operation: 'count_tokens', free: true },
  { method: 'POST', path: '/models/{model}:rawPredict', ...messages },
  { method: 'POST', path: '/models/{model}:streamRawPredict', ...messages, alwaysStreams: true },
  { method: 'POST', path: '/model/{model}/invoke', ...messages },
  {
    method: 'POST',
    path: '/model/{model}/invoke-with-response-stream',
    ...messages,
    alwaysStreams: true,
    streamFormat: 'aws-eventstream',
  },
  {
    method: 'POST',
    path: '/complete',
    operation: 'text_completion',
    readRequest,
    readResponse: readCompletion,
    readStream: createCompletionStreamReader,
  },
  // Replies about sessions and dreams carry totals: `running.ts` bills what was added since the last one.
  { method: 'POST', path: '/sessions', operation: 'create_agent', free: true },
  { method: 'POST', path: '/sessions/{id}', operation: 'invoke_agent', free: true },
  { method: 'POST', path: '/sessions/{id}/archive', operation: 'invoke_agent', free: true },
  { method: 'POST', path: '/sessions/{id}/events', operation: 'invoke_agent', free: true },
  { method: 'POST', path: '/sessions/{id}/threads/{thread}/archive', operation: 'invoke_agent', free: true },
  { method: 'POST', path: '/dreams', operation: 'invoke_agent', free: true },
  { method: 'POST', path: '/dreams/{id}/archive', operation: 'invoke_agent', free: true },
  { method: 'POST', path: '/dreams/{id}/cancel', operation: 'invoke_agent', free: true },
  { method: 'GET', path: '/sessions/{id}', ...session },
  { method: 'GET', path: '/sessions/{id}/events/stream', ...session },
  { method: 'GET', path: '/dreams/{id}', ...session },
];
