import type { JsonObject } from '../../src/base/read.ts';
import { readRawReply } from '../../src/wire/read-reply.ts';
import type { Reading } from '../../src/wire/reading.ts';

/** Replies with nothing in them but what a test is about. */

/** What a reply of this provider says. */
export function read(provider: string, body: unknown, request: JsonObject = {}): Reading {
  return readRawReply({ provider, body, request }).reading;
}

export const chat = (usage: unknown, more: JsonObject = {}): JsonObject => ({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  model: 'model-1',
  choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }],
  usage,
  ...more,
});
export const chunk = (more: JsonObject): JsonObject => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  model: 'model-1',
  choices: [],
  ...more,
});
export const delta = (content: string, finishReason: string | null = null): JsonObject => ({
  choices: [{ index: 0, delta: { content }, finish_reason: finishReason }],
});
export const message = (usage: unknown, more: JsonObject = {}): JsonObject => ({
  id: 'msg_1',
  type: 'message',
  model: 'claude-a',
  content: [],
  stop_reason: 'end_turn',
  usage,
  ...more,
});
export const step = (type: string, input: number, output: number, model?: string): JsonObject => ({
  type,
  ...(model === undefined ? {} : { model }),
  input_tokens: input,
  output_tokens: output,
  cache_read_input_tokens: 0,
  cache_creation_input_tokens: 0,
});
