import { count, known, object, text } from '../../usage/read.ts';
import { createChatStreamReader, readChatRequest, readChatResponse } from '../openai/chat.ts';
import { createReplyStreamReader, readReply } from '../openai/reply.ts';
import type { Endpoint, Reading } from '../reading.ts';
import { readRequest } from '../request.ts';

const chat = {
  operation: 'chat',
  readRequest: readChatRequest,
  readResponse: readChatResponse,
  readStream: createChatStreamReader,
} as const;

const reply = { readRequest, readResponse: readReply, readStream: createReplyStreamReader } as const;

/** What Mistral offers beside the calls it shares with OpenAI. */
export const mistralEndpoints: readonly Endpoint[] = [
  { method: 'POST', path: '/fim/completions', ...chat, operation: 'text_completion' },
  { method: 'POST', path: '/agents/completions', ...chat },
  { method: 'POST', path: '/conversations', ...reply, operation: 'invoke_agent' },
  { method: 'POST', path: '/conversations/{id}', ...reply, operation: 'invoke_agent' },
  { method: 'POST', path: '/moderations', ...reply, operation: 'moderation' },
  { method: 'POST', path: '/chat/moderations', ...reply, operation: 'moderation' },
  { method: 'POST', path: '/classifications', ...reply, operation: 'classification' },
  { method: 'POST', path: '/chat/classifications', ...reply, operation: 'classification' },
  { method: 'POST', path: '/ocr', operation: 'ocr', readRequest, readResponse: readOcr },
];

/** OCR is billed by the page. */
export function readOcr(body: unknown): Reading {
  const document = object(body);
  const raw = object(document?.['usage_info']);
  const pages = count(raw?.['pages_processed']);
  return known({
    responseModel: text(document?.['model']),
    usage: pages === undefined ? undefined : { inputPages: pages },
    usageRaw: pages === undefined ? undefined : raw,
  });
}
