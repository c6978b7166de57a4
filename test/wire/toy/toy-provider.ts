import { count, known, object, text } from '../../../src/base/read.ts';
import type { Endpoint, Provider, Reading, RequestReading, StreamReader, Wire } from '../../../src/index.ts';

/** A provider that this package has never heard of: two calls, one of them free, and a stream of its own shape. */
export const toyProvider: Provider = {
  name: 'toy',
  hosts: ['api.toy.example'],
  spellings: ['toy-ai'],
  wires: ['toy'],
};

/** What is said is counted for an estimate, where the answer never comes. */
function readQuestion(body: unknown): RequestReading {
  const question = object(body);
  return known({
    model: text(question?.brain),
    inputCharacters: () => text(question?.say)?.length ?? 0,
  });
}

function readAnswer(body: unknown): Reading {
  const answer = object(body);
  const raw = object(answer?.spent);
  const [inputTokens, outputTokens] = [count(raw?.in), count(raw?.out)];
  if (raw === undefined || inputTokens === undefined || outputTokens === undefined) return {};
  return known({
    responseId: text(answer?.answer),
    responseModel: text(answer?.brain),
    usage: { inputTokens, outputTokens, totalTokens: inputTokens + outputTokens },
    usageRaw: raw,
  });
}

/** `{ piece: 'Hel' }`, `{ piece: 'lo' }`, `{ answer, brain, spent }` */
function createAnswerStreamReader(): StreamReader {
  let last: unknown;
  let outputCharacters = 0;
  return {
    read(event) {
      const fields = object(event);
      outputCharacters += text(fields?.piece)?.length ?? 0;
      if (fields?.spent !== undefined) last = event;
    },
    reading: () => ({ ...readAnswer(last), outputCharacters }),
  };
}

const think: Omit<Endpoint, 'path'> = {
  method: 'POST',
  operation: 'chat',
  readRequest: readQuestion,
  readResponse: readAnswer,
  readStream: createAnswerStreamReader,
};

export const toyWire: Wire = {
  name: 'toy',
  endpoints: [
    { ...think, path: '/think' },
    { ...think, path: '/think/aloud', alwaysStreams: true, streamFormat: 'ndjson' },
    { method: 'POST', path: '/weigh', operation: 'count_tokens', free: true },
  ],
  shapes: [{ path: '/think', fits: (reply) => 'spent' in reply }],
  outputLimit: (request) => count(request.most),
};
