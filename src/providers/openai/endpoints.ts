import type { Endpoint } from '../reading.ts';
import { readRequest } from '../request.ts';
import { createChatStreamReader, readChatRequest, readChatResponse } from './chat.ts';
import { createResponseStreamReader, readResponse } from './responses.ts';

const responses = {
  operation: 'chat',
  readRequest,
  readResponse,
  readStream: createResponseStreamReader,
} as const;

/** Every call of OpenAI's API; a new one is a new row. First match wins, so literal paths stand first. */
export const openaiEndpoints: readonly Endpoint[] = [
  {
    method: 'POST',
    path: '/chat/completions',
    operation: 'chat',
    readRequest: readChatRequest,
    readResponse: readChatResponse,
    readStream: createChatStreamReader,
  },
  {
    method: 'POST',
    path: '/completions',
    operation: 'text_completion',
    readRequest,
    readResponse: readChatResponse,
    readStream: createChatStreamReader,
  },
  { method: 'POST', path: '/responses', ...responses },
  { method: 'POST', path: '/responses/compact', ...responses },
  { method: 'POST', path: '/responses/input_tokens', operation: 'count_tokens', free: true },
  { method: 'GET', path: '/responses/{id}', ...responses },
];
