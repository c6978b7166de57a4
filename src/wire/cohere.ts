import { count, type JsonObject, known, list, object, text } from '../base/read.ts';
import type { Usage } from '../usage/usage.ts';
import { countCharacters } from './characters.ts';
import type { Endpoint, Reading, RequestReading, StreamReader } from './reading.ts';
import { readRequest } from './request.ts';
import { readingOf } from './usage-block.ts';
import { has, type Wire } from './wire.ts';

/** Cohere's own API: v2 says `usage`, v1 says `meta`; what is billed stands in `billed_units`. */
export const cohereEndpoints: readonly Endpoint[] = [
  row('/chat', 'chat'),
  row('/generate', 'text_completion'),
  row('/summarize', 'text_completion'),
  row('/embed', 'embeddings'),
  row('/rerank', 'rerank'),
  row('/classify', 'classification'),
  { method: 'POST', path: '/tokenize', operation: 'count_tokens', free: true },
  { method: 'POST', path: '/detokenize', operation: 'count_tokens', free: true },
];

function row(path: string, operation: string): Endpoint {
  return {
    method: 'POST',
    path,
    operation,
    readRequest: readCohereRequest,
    readResponse: readCohere,
    readStream: createCohereStreamReader,
  };
}

function readCohereRequest(body: unknown): RequestReading {
  const fields = object(body);
  const { inputCharacters, ...request } = readRequest(body);
  return {
    ...request,
    inputCharacters: () =>
      (inputCharacters?.() ?? 0) + countCharacters([fields?.message, fields?.chat_history]),
  };
}

export function readCohere(body: unknown): Reading {
  const reply = object(body) ?? {};
  const raw = object(reply.usage) ?? object(reply.meta);
  const billed = raw?.billed_units;
  const block = readingOf(billed, readBilledUnits(object(billed)));
  const finishReason = text(reply.finish_reason);
  return known({
    responseId: text(reply.id) ?? text(reply.response_id) ?? text(reply.generation_id),
    ...block,
    usageRaw: block.usageRaw && raw,
    finishReasons: finishReason === undefined ? undefined : [finishReason],
    outputCharacters: countCharacters([reply.message, reply.text, list(reply.generations)]),
  });
}

/** v2 ends with `message-end`, v1 with `stream-end`; both carry the figures of the whole call. */
function createCohereStreamReader(): StreamReader {
  let end: JsonObject = {};
  let outputCharacters = 0;
  return {
    read(event) {
      const fields = object(event) ?? {};
      if (text(fields.id) !== undefined) end = { ...end, id: fields.id };
      const isEnd = fields.type === 'message-end' || fields.event_type === 'stream-end';
      if (isEnd) end = { ...end, ...(object(fields.delta) ?? object(fields.response)) };
      else outputCharacters += countCharacters([object(fields.delta)?.message, fields.text]);
    },
    reading: () => ({ ...readCohere(end), outputCharacters }),
  };
}

/** What is billed, not `tokens`: those count the prompt that Cohere puts around the call. */
function readBilledUnits(billed: JsonObject | undefined): Usage | undefined {
  if (billed === undefined) return undefined;
  const input = count(billed.input_tokens);
  const images = count(billed.image_tokens);
  const output = count(billed.output_tokens);
  const inputTokens = input === undefined && images === undefined ? undefined : (input ?? 0) + (images ?? 0);
  const usage = known({
    inputTokens,
    inputImageTokens: images,
    outputTokens: output,
    totalTokens: inputTokens === undefined ? undefined : inputTokens + (output ?? 0),
    searchUnits: count(billed.search_units),
    classifications: count(billed.classifications),
  });
  return Object.keys(usage).length === 0 ? undefined : usage;
}

/** Cohere's own API. */
export const cohereWire: Wire = {
  name: 'cohere',
  endpoints: cohereEndpoints,
  shapes: [
    { path: '/rerank', fits: (reply) => isCohere(reply) && has(reply, 'results') },
    { path: '/embed', fits: (reply) => isCohere(reply) && has(reply, 'embeddings') },
    { path: '/chat', fits: isCohere },
  ],
  outputLimit: (request) => count(request.max_tokens),
};

function isCohere(reply: JsonObject): boolean {
  return (
    has(object(reply.usage), 'billed_units') ||
    has(object(reply.meta), 'billed_units') ||
    reply.type === 'message-end' ||
    reply.event_type === 'stream-end'
  );
}
