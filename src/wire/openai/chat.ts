import { type JsonObject, known, list, object, text } from '../../base/read.ts';
import { countCharacters } from '../characters.ts';
import type { Reading, ReadingContext, RequestReading, StreamReader } from '../reading.ts';
import { errorTypeOf } from '../error-type.ts';
import { reportedCost } from '../reported-cost.ts';
import { fieldsOf, readRequest } from '../request.ts';
import { TextCounter } from '../text-counter.ts';
import { overlaid } from '../usage-block.ts';
import { readBlock, readUsage } from './usage.ts';

/** Chat completions and legacy completions, of OpenAI and of every host that speaks this API. */
export function readChatRequest(body: unknown): RequestReading {
  const parameters = searchParameters(fieldsOf(body)?.web_search_options);
  return known({ ...readRequest(body), parameters });
}

export function readChatResponse(body: unknown, context: ReadingContext): Reading {
  const reply = object(body) ?? {};
  const choices = list(reply.choices).map((choice) => object(choice) ?? {});
  const finishReasons = choices.flatMap((choice) => text(choice.finish_reason) ?? []);
  const raw = reply.usage ?? object(reply.x_groq)?.usage;
  const block = readUsageBlock(raw, text(reply.model), context);
  return known({
    ...block,
    responseId: text(reply.id),
    responseModel: text(reply.model),
    serviceTier: text(reply.service_tier) ?? text(object(raw)?.service_tier),
    finishReasons: finishReasons.length === 0 ? undefined : finishReasons,
    // Azure's prompt filter answers 200 with an error and no choices.
    errorType: errorTypeOf(reply.error),
    // Only an estimate asks for it.
    outputCharacters:
      block.usage === undefined
        ? countCharacters(choices.map((choice) => choice.message ?? choice.text))
        : undefined,
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
  let usage: UsageSoFar | undefined;
  let groqUsage: UsageSoFar | undefined;
  let isFinal = false;
  const output = new TextCounter(context.countTokens);
  return {
    read(event) {
      const chunk = object(event);
      if (chunk === undefined) return;
      // Azure's first chunk has an empty id and an empty model.
      id ??= text(chunk.id);
      model ??= text(chunk.model);
      serviceTier = text(chunk.service_tier) ?? serviceTier;
      errorType ??= errorTypeOf(chunk.error);
      const choices = list(chunk.choices);
      for (const item of choices) {
        const choice = object(item) ?? {};
        const finishReason = text(choice.finish_reason);
        if (finishReason !== undefined) finishReasons.push(finishReason);
        output.add(choice.delta ?? choice.text);
      }
      // Moonshot puts it on the choice.
      const block = object(chunk.usage) ?? object(object(choices[0])?.usage);
      const groq = object(object(chunk.x_groq)?.usage);
      if (block === undefined && groq === undefined) return;
      if (block !== undefined) usage = latest(usage, block);
      if (groq !== undefined) groqUsage = latest(groqUsage, groq);
      isFinal ||= choices.length === 0 || finishReasons.length > 0;
    },
    end() {
      isFinal = true;
    },
    reading() {
      const { last, counted } = usage ?? groqUsage ?? {};
      return known({
        ...(isFinal
          ? readUsageBlock(last, model, context, counted)
          : { partialUsage: readUsage(counted, { provider: context.provider, model }) }),
        responseId: id,
        responseModel: model,
        serviceTier: serviceTier ?? text(last?.service_tier),
        finishReasons: finishReasons.length === 0 ? undefined : [...finishReasons],
        errorType,
        outputCharacters: output.characters,
        outputTokens: output.tokens,
      });
    },
  };
}

/** The block that came last, and what all of them say together. */
interface UsageSoFar {
  readonly last: JsonObject;
  readonly counted: JsonObject;
}

function latest(before: UsageSoFar | undefined, block: JsonObject): UsageSoFar {
  return { last: block, counted: overlaid(before?.counted, block) };
}

/** The part of a reading that comes from the usage block. */
function readUsageBlock(
  raw: unknown,
  model: string | undefined,
  context: ReadingContext,
  counted: unknown = raw,
) {
  const asked = text(context.request?.model) ?? model;
  const { usage, usageRaw, usageFault } = readBlock(
    raw,
    { provider: context.provider, model: asked },
    counted,
  );
  return {
    usage: usage !== undefined && isSearchModel(asked) ? { ...usage, webSearchRequests: 1 } : usage,
    usageRaw,
    usageFault,
    reported: reportedCost(counted, context.provider),
    parameters: searchParameters(raw) ?? searchParameters(context.request?.web_search_options),
  };
}

/** OpenAI's search models look the web up once per call, for a fee that the usage block does not mention. */
function isSearchModel(model: string | undefined): boolean {
  return model !== undefined && /^gpt-.*-search-(?:preview|api)/.test(model);
}

/** How much search context was asked for: it decides the fee of search models and of Perplexity. */
function searchParameters(from: unknown): Readonly<Record<string, string>> | undefined {
  const size = text(object(from)?.search_context_size);
  return size === undefined ? undefined : { search_context_size: size };
}
