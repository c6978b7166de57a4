import type { Endpoint } from '../reading.ts';
import { readRequest } from '../request.ts';
import { createMessageStreamReader, readMessage } from './messages.ts';

/** Every call of Anthropic's API; a new one is a new row. First match wins. */
export const anthropicEndpoints: readonly Endpoint[] = [
  { method: 'POST', path: '/messages/count_tokens', operation: 'count_tokens', free: true },
  { method: 'POST', path: '/messages/batches', operation: 'batch', free: true },
  { method: 'POST', path: '/messages/batches/{id}/cancel', operation: 'batch', free: true },
  {
    method: 'POST',
    path: '/messages',
    operation: 'chat',
    readRequest,
    readResponse: readMessage,
    readStream: createMessageStreamReader,
  },
];
