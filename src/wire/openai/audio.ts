import { count, type JsonObject, known, object, text } from '../../base/read.ts';
import type { Usage } from '../../usage/usage.ts';
import { countCharacters } from '../characters.ts';
import { errorTypeOf } from '../error-type.ts';
import type { Reading, ReadingContext, RequestReading, StreamReader } from '../reading.ts';
import { reportedCost } from '../reported-cost.ts';
import { fieldsOf, readRequest } from '../request.ts';
import { overlaid } from '../usage-block.ts';
import { readBlock } from './usage.ts';

/** Speech is billed by the characters that are spoken; only the request has them. */
export function readSpeechRequest(body: unknown): RequestReading {
  return known({ ...readRequest(body), usage: spoken(fieldsOf(body)) });
}

/** The reply is sound, not JSON: what is billed is what was asked for. */
export function readSpeech(body: unknown, context: ReadingContext): Reading {
  const raw = object(body)?.usage;
  const reading = readBlock(raw, { provider: context.provider });
  return known({
    ...reading,
    usage: reading.usage ?? (reading.usageFault === undefined ? spoken(context.request) : undefined),
    reported: reportedCost(raw, context.provider),
    errorType: errorTypeOf(object(body)?.error),
  });
}

/** `stream_format: 'sse'` ends with `speech.audio.done`, which counts tokens. */
export function createSpeechStreamReader(context: ReadingContext): StreamReader {
  let usage: JsonObject | undefined;
  return {
    read(event) {
      const block = object(object(event)?.usage);
      if (block !== undefined) usage = overlaid(usage, block);
    },
    reading: () => readSpeech({ usage }, context),
  };
}

function spoken(request: JsonObject | undefined): Usage | undefined {
  const input = text(request?.input) ?? text(request?.text);
  // Code points: a spoken emoji is one character on the bill, two in a JavaScript string.
  return input === undefined ? undefined : { inputCharacters: Array.from(input).length };
}

/**
 * A transcription or translation: `usage` counts tokens or seconds; without it the verbose formats say the
 * `duration`. Plain text and subtitles say nothing.
 */
export function readTranscription(body: unknown, context: ReadingContext): Reading {
  const reply = object(body) ?? {};
  const reading = readBlock(reply.usage, { provider: context.provider });
  const seconds = reading.usageFault === undefined ? count(reply.duration) : undefined;
  return known({
    ...reading,
    usage: reading.usage ?? (seconds === undefined ? undefined : { inputAudioSeconds: seconds }),
    responseModel: text(reply.model),
    serviceTier: text(object(reply.usage)?.service_tier),
    reported: reportedCost(reply.usage, context.provider),
    errorType: errorTypeOf(reply.error),
    outputCharacters: countCharacters(reply.text ?? body),
  });
}

/** `transcript.text.done` carries the usage. */
export function createTranscriptionStreamReader(context: ReadingContext): StreamReader {
  let done: JsonObject = {};
  let outputCharacters = 0;
  return {
    read(event) {
      const fields = object(event) ?? {};
      const block = object(fields.usage);
      if (block !== undefined) done = { ...fields, usage: overlaid(object(done.usage), block) };
      else outputCharacters += countCharacters(fields.delta);
    },
    reading: () => known({ ...readTranscription(done, context), outputCharacters }),
  };
}
