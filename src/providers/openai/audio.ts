import { type JsonObject, known, object, text } from '../../usage/read.ts';
import type { Usage } from '../../usage/usage.ts';
import { countCharacters } from '../characters.ts';
import { errorTypeOf } from '../error-type.ts';
import type { Reading, ReadingContext, RequestReading, StreamReader } from '../reading.ts';
import { reportedCost } from '../reported-cost.ts';
import { fieldsOf, formCount, readRequest } from '../request.ts';
import { readUsage } from './usage.ts';

/** Speech is billed by the characters that are spoken; only the request has them. */
export function readSpeechRequest(body: unknown): RequestReading {
  return known({ ...readRequest(body), usage: spoken(fieldsOf(body)) });
}

/** The reply is sound, not JSON: what is billed is what was asked for. */
export function readSpeech(body: unknown, context: ReadingContext): Reading {
  const raw = object(object(body)?.['usage']);
  const dialect = { provider: context.provider };
  return known({
    usage: readUsage(raw, dialect) ?? spoken(context.request),
    usageRaw: raw,
    reported: reportedCost(raw, context.provider),
    errorType: errorTypeOf(object(body)?.['error']),
  });
}

/** `stream_format: 'sse'` ends with `speech.audio.done`, which counts tokens. */
export function createSpeechStreamReader(context: ReadingContext): StreamReader {
  let usage: JsonObject | undefined;
  return {
    read(event) {
      usage = object(object(event)?.['usage']) ?? usage;
    },
    reading: () => readSpeech({ usage }, context),
  };
}

function spoken(request: JsonObject | undefined): Usage | undefined {
  const input = text(request?.['input']) ?? text(request?.['text']);
  // Code points: a spoken emoji is one character on the bill, two in a JavaScript string.
  return input === undefined ? undefined : { inputCharacters: Array.from(input).length };
}

/**
 * A transcription or translation: `usage` counts tokens or seconds; without it the verbose formats say the
 * `duration`. Plain text and subtitles say nothing.
 */
export function readTranscription(body: unknown, context: ReadingContext): Reading {
  const reply = object(body) ?? {};
  const raw = object(reply['usage']);
  const dialect = { provider: context.provider };
  const seconds = formCount(reply['duration']);
  const usage =
    readUsage(raw, dialect) ?? (seconds === undefined ? undefined : { inputAudioSeconds: seconds });
  return known({
    responseModel: text(reply['model']),
    usage,
    usageRaw: usage && raw,
    serviceTier: text(raw?.['service_tier']),
    reported: reportedCost(raw, context.provider),
    errorType: errorTypeOf(reply['error']),
    outputCharacters: countCharacters(reply['text'] ?? body),
  });
}

/** `transcript.text.done` carries the usage. */
export function createTranscriptionStreamReader(context: ReadingContext): StreamReader {
  let done: JsonObject = {};
  let outputCharacters = 0;
  return {
    read(event) {
      const fields = object(event) ?? {};
      if (fields['usage'] !== undefined && fields['usage'] !== null) done = fields;
      else outputCharacters += countCharacters(fields['delta']);
    },
    reading: () => known({ ...readTranscription(done, context), outputCharacters }),
  };
}
