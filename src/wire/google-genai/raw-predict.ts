import { object } from '../../base/read.ts';
import { createMessageStreamReader, readMessage } from '../anthropic/messages.ts';
import { createChatStreamReader, readChatResponse } from '../openai/chat.ts';
import type { Reading, ReadingContext, StreamReader } from '../reading.ts';

/** `rawPredict` passes on the JSON of the model's publisher: Claude's messages, or OpenAI's chat (Mistral, Llama, AI21). */
export function readRawPredict(body: unknown, context: ReadingContext): Reading {
  return isChat(body) ? readChatResponse(body, context) : readMessage(body, context);
}

export function createRawPredictStreamReader(context: ReadingContext): StreamReader {
  let reader: StreamReader | undefined;
  return {
    read(event) {
      reader ??= isChat(event) ? createChatStreamReader(context) : createMessageStreamReader(context);
      reader.read(event);
    },
    end: () => reader?.end?.(),
    reading: () => reader?.reading() ?? {},
  };
}

function isChat(reply: unknown): boolean {
  const fields = object(reply);
  return fields?.choices !== undefined || object(fields?.usage)?.prompt_tokens !== undefined;
}
