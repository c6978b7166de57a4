import { count, type JsonObject, known, list, object, text } from '../../base/read.ts';
import type { Usage } from '../../usage/usage.ts';
import { countCharacters } from '../characters.ts';
import { errorTypeOf } from '../error-type.ts';
import type { Reading, ReadingContext, RequestReading, StreamReader } from '../reading.ts';
import { Grounding } from './grounding.ts';
import { readingOf } from '../usage-block.ts';
import { readUsage } from './usage.ts';

/** `model` is in the SDK's parameters; over plain HTTP it is in the path. */
export function readGenerateRequest(body: unknown): RequestReading {
  const fields = object(body) ?? {};
  const config = object(fields.config);
  return known({
    model: modelName(fields.model),
    inputCharacters: () =>
      countCharacters([
        fields.contents,
        fields.systemInstruction ?? config?.systemInstruction,
        fields.tools ?? config?.tools,
      ]),
  });
}

/** `models/gemini-2.5-flash` and `publishers/google/models/gemini-2.5-flash` → `gemini-2.5-flash`. */
export function modelName(name: unknown): string | undefined {
  return text(name)?.replace(/^.*\//, '');
}

export function readGenerateContent(body: unknown, context: ReadingContext): Reading {
  const reply = object(body) ?? {};
  return readReply(reply, new Grounding().add(candidatesOf(reply)), context);
}

/** Follows a stream of replies: `usageMetadata` is cumulative, so the last one counts, whole; it may be a correction. */
export function createGenerateContentStreamReader(context: ReadingContext): StreamReader {
  let latest: JsonObject = {};
  let counted: JsonObject | undefined;
  let outputCharacters = 0;
  let isFinal = false;
  const grounding = new Grounding();
  const finishReasons: string[] = [];
  return {
    read(event) {
      const chunk = object(event) ?? {};
      const usage = object(chunk.usageMetadata);
      if (usage !== undefined) counted = withoutZeros(usage, counted);
      latest = { ...latest, ...withoutNull(chunk) };
      grounding.add(candidatesOf(chunk));
      finishReasons.push(...finishReasonsIn(chunk));
      outputCharacters += charactersIn(chunk);
      isFinal ||= object(chunk.usageMetadata) !== undefined && finishReasons.length > 0;
    },
    end() {
      isFinal ||= latest.error === undefined;
    },
    // The SDK throws, and reads no further.
    isOver: () => latest.error !== undefined,
    reading() {
      const reading = readReply(latest, grounding, context, counted);
      const { usage, usageRaw, usageFault, ...facts } = reading;
      return known({
        ...facts,
        ...(isFinal ? { usage, usageRaw, usageFault } : { partialUsage: usage }),
        finishReasons: finishReasons.length === 0 ? undefined : [...finishReasons],
        outputCharacters,
      });
    },
  };
}

function readReply(
  reply: JsonObject,
  grounding: Grounding,
  context: ReadingContext,
  counted: unknown = reply.usageMetadata,
): Reading {
  const raw = object(reply.usageMetadata);
  const { usage: tokens, ...block } = readingOf(counted, readUsage(counted));
  const model = modelName(reply.modelVersion) ?? modelName(context.request?.model);
  const usage: Usage | undefined = tokens && { ...tokens, ...grounding.usage(model) };
  const finishReasons = finishReasonsIn(reply);
  return known({
    responseId: text(reply.responseId),
    responseModel: modelName(reply.modelVersion),
    ...block,
    usage,
    usageRaw: block.usageRaw && raw,
    // Gemini says `serviceTier`, Vertex says `trafficType`: ON_DEMAND_FLEX, PROVISIONED_THROUGHPUT, …
    serviceTier: text(raw?.serviceTier) ?? text(raw?.trafficType),
    finishReasons: finishReasons.length === 0 ? undefined : finishReasons,
    errorType: text(object(reply.promptFeedback)?.blockReason) ?? errorTypeOf(reply.error),
    outputCharacters: charactersIn(reply),
  });
}

function candidatesOf(reply: JsonObject): readonly JsonObject[] {
  return list(reply.candidates).map((item) => object(item) ?? {});
}

function finishReasonsIn(reply: JsonObject): readonly string[] {
  return candidatesOf(reply).flatMap((candidate) => text(candidate.finishReason) ?? []);
}

function charactersIn(reply: JsonObject): number {
  return countCharacters(candidatesOf(reply).map((candidate) => object(candidate.content)?.parts));
}

/** The block, but for the zeros in it that were counts before. */
function withoutZeros(block: JsonObject, before: JsonObject | undefined): JsonObject {
  if (before === undefined) return block;
  return Object.fromEntries(
    Object.entries(block).map(([field, value]) => [
      field,
      count(value) === 0 ? (before[field] ?? value) : value,
    ]),
  );
}

function withoutNull(chunk: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(chunk).filter(([, value]) => value !== null && value !== undefined),
  );
}
