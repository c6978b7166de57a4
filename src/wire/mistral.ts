import { count, known, object, text } from '../base/read.ts';
import { createChatStreamReader, readChatRequest, readChatResponse } from './openai/chat.ts';
import { createReplyStreamReader, readReply } from './openai/reply.ts';
import type { Endpoint, Reading } from './reading.ts';
import { readRequest } from './request.ts';
import { has, type Wire } from './wire.ts';

const chat = {
  operation: 'chat',
  readRequest: readChatRequest,
  readResponse: readChatResponse,
  readStream: createChatStreamReader,
} as const;

const agent = {
  operation: 'invoke_agent',
  readRequest,
  readResponse: readReply,
  readStream: createReplyStreamReader,
} as const;

const judgement = { readRequest, readResponse: readReply } as const;

/** What Mistral offers beside the calls it shares with OpenAI. */
export const mistralEndpoints: readonly Endpoint[] = [
  { method: 'POST', path: '/fim/completions', ...chat, operation: 'text_completion' },
  { method: 'POST', path: '/agents/completions', ...chat },
  { method: 'POST', path: '/conversations', ...agent },
  { method: 'POST', path: '/conversations/{id}', ...agent },
  { method: 'POST', path: '/moderations', ...judgement, operation: 'moderation' },
  { method: 'POST', path: '/chat/moderations', ...judgement, operation: 'moderation' },
  { method: 'POST', path: '/classifications', ...judgement, operation: 'classification' },
  { method: 'POST', path: '/chat/classifications', ...judgement, operation: 'classification' },
  { method: 'POST', path: '/ocr', operation: 'ocr', readRequest, readResponse: readOcr },
];

/** OCR is billed by the page. */
export function readOcr(body: unknown): Reading {
  const document = object(body);
  const raw = object(document?.usage_info);
  const pages = count(raw?.pages_processed);
  return known({
    responseModel: text(document?.model),
    usage: pages === undefined ? undefined : { inputPages: pages },
    usageRaw: pages === undefined ? undefined : raw,
  });
}

/** Mistral's own calls. */
export const mistralWire: Wire = {
  name: 'mistral',
  endpoints: mistralEndpoints,
  shapes: [{ path: '/ocr', fits: (reply) => has(reply, 'usage_info') }],
};
