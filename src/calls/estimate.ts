import type { Usage } from '../usage/usage.ts';
import type { Reading, RequestReading } from '../wire/reading.ts';

/**
 * What a call consumed when the provider's figures never came (an abort, a disconnect): what the stream said
 * so far, completed from what was counted in passing: tokens, where a tokenizer is installed, else characters.
 *
 * About four characters of English text are one token (https://platform.openai.com/tokenizer); the event is
 * marked `estimated`, so that reports can show how much of a total rests on it.
 */
export function estimateUsage(request: RequestReading, reading: Reading): Usage | undefined {
  const input =
    reading.partialUsage?.inputTokens ?? request.inputTokens ?? tokens(request.inputCharacters?.());
  const output = reading.outputTokens ?? tokens(reading.outputCharacters);
  if (input === undefined && output === undefined) return undefined;
  return {
    ...reading.partialUsage,
    ...(input === undefined ? {} : { inputTokens: input }),
    ...(output === undefined ? {} : { outputTokens: output }),
    totalTokens: (input ?? 0) + (output ?? 0),
  };
}

const CHARACTERS_PER_TOKEN = 4;

function tokens(characters: number | undefined): number | undefined {
  return characters === undefined ? undefined : Math.ceil(characters / CHARACTERS_PER_TOKEN);
}
