import type { Endpoint } from '../reading.ts';
import { createConverseStreamReader, readConverse, readConverseRequest } from './converse.ts';
import { readAsyncInvoke } from './async-invoke.ts';
import { readGuardrail } from './guardrails.ts';
import { createInvokeStreamReader, readInvoke, readInvokeRequest } from './invoke.ts';
import { createSonicStreamReader, readSessionEvent } from './sonic.ts';

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

const eventStream = { alwaysStreams: true, streamFormat: 'aws-eventstream' } as const;

/** The calls of Amazon Bedrock's runtime. `InvokeModel` carries chat, text, embeddings and images alike. */
export const bedrockEndpoints: readonly Endpoint[] = [
  { method: 'POST', path: '/model/{model}/converse', ...converse },
  { method: 'POST', path: '/model/{model}/converse-stream', ...converse, ...eventStream },
  { method: 'POST', path: '/model/{model}/invoke', ...invoke },
  { method: 'POST', path: '/model/{model}/invoke-with-response-stream', ...invoke, ...eventStream },
  {
    method: 'POST',
    path: '/model/{model}/invoke-with-bidirectional-stream',
    operation: 'live_session',
    // One event of it, read by itself.
    readResponse: (body) => readSessionEvent(body)?.reading ?? {},
    readStream: createSonicStreamReader,
    ...eventStream,
  },
  { method: 'POST', path: '/model/{model}/count-tokens', operation: 'count_tokens', free: true },
  {
    method: 'POST',
    path: '/async-invoke',
    operation: 'video_generation',
    readRequest: readInvokeRequest,
    readResponse: readAsyncInvoke,
  },
  {
    method: 'POST',
    path: '/guardrail/{id}/version/{version}/apply',
    operation: 'guardrail',
    readResponse: readGuardrail,
  },
];
