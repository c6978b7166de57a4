import { count, type JsonObject, known, object, text } from '../base/read.ts';
import { countCharacters } from './characters.ts';
import { errorTypeOf } from './error-type.ts';
import type { Endpoint, Reading, StreamReader } from './reading.ts';
import { fieldsOf, readRequest } from './request.ts';
import { overlaid, readingOf } from './usage-block.ts';
import { has, type Wire } from './wire.ts';

/** Ollama's native API. */
export const ollamaEndpoints: readonly Endpoint[] = [
  { method: 'POST', path: '/chat', operation: 'chat', ...streaming() },
  { method: 'POST', path: '/generate', operation: 'text_completion', ...streaming() },
  { method: 'POST', path: '/embed', operation: 'embeddings', readRequest, readResponse: readOllama },
];

/** Streams unless it is told not to. */
function streaming(): Omit<Endpoint, 'method' | 'path' | 'operation'> {
  return {
    streamFormat: 'ndjson',
    readRequest: (body) => {
      const { stream: _, ...request } = readRequest(body);
      return fieldsOf(body)?.stream === false ? request : { ...request, stream: true };
    },
    readResponse: readOllama,
    readStream: createOllamaStreamReader,
  };
}

/** The counts stand on top of the reply. A prompt that was cached whole has no `prompt_eval_count`. */
export function readOllama(body: unknown): Reading {
  const reply = object(body) ?? {};
  const finishReason = text(reply.done_reason);
  return known({
    ...readCounts(countsOf(reply)),
    responseModel: text(reply.model),
    finishReasons: finishReason === undefined ? undefined : [finishReason],
    errorType: errorTypeOf(reply.error),
    outputCharacters: countCharacters([reply.message, reply.response]),
  });
}

function readCounts(counts: JsonObject | undefined): Pick<Reading, 'usage' | 'usageRaw' | 'usageFault'> {
  const [input, output] = [count(counts?.prompt_eval_count), count(counts?.eval_count)];
  const isCounted = input !== undefined || output !== undefined;
  const usage = known({ inputTokens: input, outputTokens: output, totalTokens: sum(input, output) });
  return readingOf(counts, isCounted ? usage : undefined);
}

function createOllamaStreamReader(): StreamReader {
  let last: JsonObject = {};
  let outputCharacters = 0;
  return {
    read(event) {
      const { message, response, ...facts } = object(event) ?? {};
      outputCharacters += countCharacters([message, response]);
      last = overlaid(last, facts);
    },
    isOver: () => last.done === true,
    reading: () => ({ ...readOllama(last), outputCharacters }),
  };
}

const COUNTS = ['prompt_eval_count', 'eval_count', 'prompt_eval_duration', 'eval_duration', 'total_duration'];

function countsOf(reply: JsonObject): JsonObject | undefined {
  if (reply.prompt_eval_count === undefined && reply.eval_count === undefined) return undefined;
  return Object.fromEntries(COUNTS.filter((name) => name in reply).map((name) => [name, reply[name]]));
}

function sum(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined && b === undefined ? undefined : (a ?? 0) + (b ?? 0);
}

/** Ollama's native API. */
export const ollamaWire: Wire = {
  name: 'ollama',
  endpoints: ollamaEndpoints,
  shapes: [
    { path: '/generate', fits: (reply) => has(reply, 'done') && has(reply, 'response') },
    { path: '/chat', fits: (reply) => has(reply, 'done', 'prompt_eval_count') },
  ],
  outputLimit: (request) => count(object(request.options)?.num_predict),
};
