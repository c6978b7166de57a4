import { readReply } from './openai/reply.ts';
import { readRequest } from './request.ts';
import type { Wire } from './wire.ts';

const embeddings = { method: 'POST', operation: 'embeddings', readRequest, readResponse: readReply } as const;

/** What Voyage offers beside the calls it shares with OpenAI: embeddings of text in its context, and of images. */
export const voyageWire: Wire = {
  name: 'voyage',
  endpoints: [
    { ...embeddings, path: '/contextualizedembeddings' },
    { ...embeddings, path: '/multimodalembeddings' },
  ],
};
