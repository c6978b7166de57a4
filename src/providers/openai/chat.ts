import { type JsonObject, known, list, object, text } from '../../usage/read.ts';
import type { Usage } from '../../usage/usage.ts';
import { countCharacters } from '../characters.ts';
import type { Reading, ReadingContext, RequestReading, StreamReader } from '../reading.ts';
import { errorTypeOf } from '../error-type.ts';
import { reportedCost } from '../reported-cost.ts';
import { fieldsOf, readRequest } from '../request.ts';
import { TextCounter } from '../tokenizer.ts';
import { readUsage } from './usage.ts';

/** Chat completions and legacy completions, of OpenAI and of every host that speaks this API. */
export function readChatRequest(body: unknown): RequestReading {
  const parameters = searchParameters(fieldsOf(body)?.['web_search_options']);
  return known({ ...readRequest(body), parameters });
}

export function readChatResponse(body: unknown, context: ReadingContext): Reading {
  const reply = object(body) ?? {};
  const choices = list(reply['choices']).map((choice) => object(choice) ?? {});
  const finishReasons = choices.flatMap((choice) => text(choice['finish_reason']) ?? []);
  return known({
    ...readUsageBlock(usageBlock(reply), text(reply['model']), context),
    responseId: text(reply['id']),
    responseModel: text(reply['model']),
    serviceTier: text(reply['service_tier']) ?? text(usageBlock(reply)?.['service_tier']),
    finishReasons: finishReasons.length === 0 ? undefined : finishReasons,
    // Azure's prompt filter answers 200 with an error and no choices.
    errorType: errorTypeOf(reply['error']),
    outputCharacters: countCharacters(choices.map((choice) => choice['message'] ?? choice['text'])),
  });
}

/**
 * Follows the chunks of a streamed chat. The usage may come on a last chunk without choices (OpenAI), on the
 * chunk that finishes (Mistral, Groq, OpenRouter), on every chunk and growing (Perplexity, DeepSeek), or only
 * as `x_groq.usage`; the last one counts.
 */
export function createChatStreamReader(context: ReadingContext): StreamReader {
  const finishReasons: string[] = [];
  let id: string | undefined;
  let model: string | undefined;
  let serviceTier: string | undefined;
  let errorType: string | undefined;
  let usage: JsonObject | undefined;
  let groqUsage: JsonObject | undefined;
  let isFinal = false;
  const output = new TextCounter();
  return {
    read(event) {
      const chunk = object(event);
      if (chunk === undefined) return;
      // Azure's first chunk has an empty id and an empty model.
      id ??= text(chunk['id']);
      model ??= text(chunk['model']);
      serviceTier = text(chunk['service_tier']) ?? serviceTier;
      errorType ??= errorTypeOf(chunk['error']);
      const choices = list(chunk['choices']);
      for (const item of choices) {
        const choice = object(item) ?? {};
        const finishReason = text(choice['finish_reason']);
        if (finishReason !== undefined) finishReasons.push(finishReason);
        output.add(choice['delta'] ?? choice['text']);
      }
      // Moonshot puts it on the choice.
      const block = object(chunk['usage']) ?? object(object(choices[0])?.['usage']);
      const groq = object(object(chunk['x_groq'])?.['usage']);
      if (block === undefined && groq === undefined) return;
      usage = block ?? usage;
      groqUsage = groq ?? groqUsage;
      isFinal ||= choices.length === 0 || finishReasons.length > 0;
    },
    end() {
      isFinal = true;
    },
    reading() {
      const block = usage ?? groqUsage;
      const { usage: read, usageRaw, ...rest } = readUsageBlock(block, model, context);
      return known({
        ...(isFinal ? { ...rest, usage: read, usageRaw } : { partialUsage: read }),
        responseId: id,
        responseModel: model,
        serviceTier: serviceTier ?? text(block?.['service_tier']),
        finishReasons: finishReasons.length === 0 ? undefined : [...finishReasons],
        errorType,
        outputCharacters: output.characters,
        outputTokens: output.tokens,
      });
    },
  };
}

function usageBlock(reply: JsonObject): JsonObject | undefined {
  return object(reply['usage']) ?? object(object(reply['x_groq'])?.['usage']);
}

/** The part of a reading that comes from the usage block. */
function readUsageBlock(block: JsonObject | undefined, model: string | undefined, context: ReadingContext) {
  const requestModel = text(context.request?.['model']);
  const dialect = { provider: context.provider, model: requestModel ?? model };
  const usage = readUsage(block, dialect);
  return {
    usage: usage && { ...usage, ...searchOfModel(requestModel ?? model) },
    usageRaw: usage && block,
    reported: reportedCost(block, context.provider),
    parameters: searchParameters(block) ?? searchParameters(context.request?.['web_search_options']),
  };
}

/** OpenAI's search models look the web up once per call, for a fee that the usage block does not mention. */
function searchOfModel(model: string | undefined): Usage {
  return model !== undefined && /^(gpt-.*-search-preview|gpt-.*-search-api)/.test(model)
    ? { webSearchRequests: 1 }
    : {};
}

/** How much search context was asked for: it decides the fee of search models and of Perplexity. */
function searchParameters(from: unknown): Readonly<Record<string, string>> | undefined {
  const size = text(object(from)?.['search_context_size']);
  return size === undefined ? undefined : { search_context_size: size };
}
