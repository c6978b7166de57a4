import { known, object, text } from '../../base/read.ts';
import { countCharacters } from '../characters.ts';
import { errorTypeOf } from '../error-type.ts';
import type { Reading, StreamReader } from '../reading.ts';

/** The text completions of 2023: the wire counts nothing, so the characters are all there is. */
export function readCompletion(body: unknown): Reading {
  const reply = object(body) ?? {};
  const stopReason = text(reply.stop_reason);
  return known({
    responseId: text(reply.id),
    responseModel: text(reply.model),
    finishReasons: stopReason === undefined ? undefined : [stopReason],
    errorType: errorTypeOf(reply.error),
    outputCharacters: countCharacters(reply.completion),
  });
}

export function createCompletionStreamReader(): StreamReader {
  let reading: Reading = {};
  let outputCharacters = 0;
  return {
    read(event) {
      const { outputCharacters: characters = 0, ...facts } = readCompletion(event);
      reading = { ...reading, ...facts };
      outputCharacters += characters;
    },
    reading: () => ({ ...reading, outputCharacters }),
  };
}
