import { count, text } from '../../base/read.ts';
import type { Wire } from '../wire.ts';
import { readBatchLine } from './batch-line.ts';
import { anthropicEndpoints } from './endpoints.ts';

/** Anthropic's API, and Claude on the clouds that pass its JSON on. */
export const anthropicWire: Wire = {
  name: 'anthropic',
  endpoints: anthropicEndpoints,
  shapes: [{ path: '/messages', fits: (reply) => /^message(_start)?$/.test(text(reply.type) ?? '') }],
  outputLimit: (request) => count(request.max_tokens),
  readLine: readBatchLine,
};
