import type { Endpoint } from '../reading.ts';
import { createConverseStreamReader, readConverse, readConverseRequest } from './converse.ts';
import { createInvokeStreamReader, readInvoke, readInvokeRequest } from './invoke.ts';

const converse = {
  operation: 'chat',
  readRequest: readConverseRequest,
  readResponse: readConverse,
  readStream: createConverseStreamReader,
} as const;

const invoke = {
  operation: 'chat',
  readRequest: readInvokeRequest,
  readResponse: readInvoke,
  readStream: createInvokeStreamReader,
} as const;

/** The calls of Amazon Bedrock's runtime. `InvokeModel` carries chat, text, embeddings and images alike. */
export const bedrockEndpoints: readonly Endpoint[] = [
  { method: 'POST', path: '/model/{model}/converse', ...converse },
  { method: 'POST', path: '/model/{model}/converse-stream', ...converse },
  { method: 'POST', path: '/model/{model}/invoke', ...invoke },
  { method: 'POST', path: '/model/{model}/invoke-with-response-stream', ...invoke },
  { method: 'POST', path: '/model/{model}/count-tokens', operation: 'count_tokens', free: true },
];
