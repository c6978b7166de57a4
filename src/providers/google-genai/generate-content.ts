import { type JsonObject, known, list, object, text } from '../../usage/read.ts';
import type { Usage } from '../../usage/usage.ts';
import { countCharacters } from '../characters.ts';
import { errorTypeOf } from '../error-type.ts';
import type { Reading, ReadingContext, RequestReading, StreamReader } from '../reading.ts';
import { groundingUsage } from './grounding.ts';
import { readUsage } from './usage.ts';

/** `model` is in the SDK's parameters; over plain HTTP it is in the path. */
export function readGenerateRequest(body: unknown): RequestReading {
  const fields = object(body) ?? {};
  const config = object(fields['config']);
  return known({
    model: modelName(fields['model']),
    inputCharacters: countCharacters([
      fields['contents'],
      fields['systemInstruction'] ?? config?.['systemInstruction'],
      fields['tools'] ?? config?.['tools'],
    ]),
  });
}

/** `models/gemini-2.5-flash` and `publishers/google/models/gemini-2.5-flash` → `gemini-2.5-flash`. */
export function modelName(name: unknown): string | undefined {
  return text(name)?.replace(/^.*\//, '');
}

export function readGenerateContent(body: unknown, context: ReadingContext): Reading {
  const reply = object(body) ?? {};
  return readReply(reply, queriesIn(reply), context);
}

/** Follows a stream of replies: `usageMetadata` is cumulative, so the last one counts, whole. */
export function createGenerateContentStreamReader(context: ReadingContext): StreamReader {
  let latest: JsonObject = {};
  let outputCharacters = 0;
  let isFinal = false;
  const queries = new Set<string>();
  const finishReasons: string[] = [];
  return {
    read(event) {
      const chunk = object(event) ?? {};
      latest = { ...latest, ...withoutNull(chunk) };
      for (const query of queriesIn(chunk)) queries.add(query);
      finishReasons.push(...finishReasonsIn(chunk));
      outputCharacters += charactersIn(chunk);
      isFinal ||= object(chunk['usageMetadata']) !== undefined && finishReasons.length > 0;
    },
    end() {
      isFinal = true;
    },
    reading() {
      const { usage, usageRaw, ...facts } = readReply(latest, [...queries], context);
      return known({
        ...facts,
        ...(isFinal ? { usage, usageRaw } : { partialUsage: usage }),
        finishReasons: finishReasons.length === 0 ? undefined : [...finishReasons],
        outputCharacters,
      });
    },
  };
}

function readReply(reply: JsonObject, queries: readonly string[], context: ReadingContext): Reading {
  const raw = object(reply['usageMetadata']);
  const tokens = readUsage(raw);
  const model = modelName(reply['modelVersion']) ?? modelName(context.request?.['model']);
  const usage: Usage | undefined = tokens && { ...tokens, ...groundingUsage(queries.length, model) };
  const finishReasons = finishReasonsIn(reply);
  return known({
    responseId: text(reply['responseId']),
    responseModel: modelName(reply['modelVersion']),
    usage,
    usageRaw: usage && raw,
    // Gemini says `serviceTier`, Vertex says `trafficType`: ON_DEMAND_FLEX, PROVISIONED_THROUGHPUT, …
    serviceTier: text(raw?.['serviceTier']) ?? text(raw?.['trafficType']),
    finishReasons: finishReasons.length === 0 ? undefined : finishReasons,
    errorType: text(object(reply['promptFeedback'])?.['blockReason']) ?? errorTypeOf(reply['error']),
    outputCharacters: charactersIn(reply),
  });
}

function candidatesOf(reply: JsonObject): readonly JsonObject[] {
  return list(reply['candidates']).map((item) => object(item) ?? {});
}

function finishReasonsIn(reply: JsonObject): readonly string[] {
  return candidatesOf(reply).flatMap((candidate) => text(candidate['finishReason']) ?? []);
}

function charactersIn(reply: JsonObject): number {
  return countCharacters(candidatesOf(reply).map((candidate) => object(candidate['content'])?.['parts']));
}

/** The web searches that grounded the answer, each once; empty ones are not billed. */
function queriesIn(reply: JsonObject): readonly string[] {
  const queries = candidatesOf(reply).flatMap((candidate) =>
    list(object(candidate['groundingMetadata'])?.['webSearchQueries']).flatMap((query) => text(query) ?? []),
  );
  return [...new Set(queries)];
}

function withoutNull(chunk: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(chunk).filter(([, value]) => value !== null && value !== undefined),
  );
}
