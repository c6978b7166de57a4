import { count, type JsonObject, known, object, text } from '../../usage/read.ts';
import { countCharacters } from '../characters.ts';
import { errorTypeOf } from '../error-type.ts';
import type { Endpoint, Reading, StreamReader } from '../reading.ts';
import { readRequest } from '../request.ts';

/** Ollama's native API; streams unless told not to. */
export const ollamaEndpoints: readonly Endpoint[] = [
  row('/chat', 'chat'),
  row('/generate', 'text_completion'),
  row('/embed', 'embeddings'),
];

function row(path: string, operation: string): Endpoint {
  return {
    method: 'POST',
    path,
    operation,
    readRequest,
    readResponse: readOllama,
    readStream: createOllamaStreamReader,
  };
}

/** The counts stand on top of the reply. A prompt that was cached whole has no `prompt_eval_count`. */
export function readOllama(body: unknown): Reading {
  const reply = object(body) ?? {};
  const input = count(reply['prompt_eval_count']);
  const output = count(reply['eval_count']);
  const finishReason = text(reply['done_reason']);
  const isCounted = input !== undefined || output !== undefined;
  return known({
    responseModel: text(reply['model']),
    usage: isCounted
      ? known({ inputTokens: input, outputTokens: output, totalTokens: sum(input, output) })
      : undefined,
    usageRaw: isCounted ? countsOf(reply) : undefined,
    finishReasons: finishReason === undefined ? undefined : [finishReason],
    errorType: errorTypeOf(reply['error']),
    outputCharacters: countCharacters([reply['message'], reply['response']]),
  });
}

function createOllamaStreamReader(): StreamReader {
  let last: JsonObject = {};
  let outputCharacters = 0;
  return {
    read(event) {
      const { message, response, ...facts } = object(event) ?? {};
      outputCharacters += countCharacters([message, response]);
      last = { ...last, ...facts };
    },
    reading: () => ({ ...readOllama(last), outputCharacters }),
  };
}

const COUNTS = ['prompt_eval_count', 'eval_count', 'prompt_eval_duration', 'eval_duration', 'total_duration'];

function countsOf(reply: JsonObject): JsonObject {
  return Object.fromEntries(COUNTS.filter((name) => name in reply).map((name) => [name, reply[name]]));
}

function sum(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined && b === undefined ? undefined : (a ?? 0) + (b ?? 0);
}
