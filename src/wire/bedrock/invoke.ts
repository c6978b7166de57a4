import { count, type JsonObject, known, list, object, text } from '../../base/read.ts';
import type { Usage } from '../../usage/usage.ts';
import { createMessageStreamReader, readMessage } from '../anthropic/messages.ts';
import { countCharacters } from '../characters.ts';
import { readChatResponse } from '../openai/chat.ts';
import type { Reading, ReadingContext, RequestReading, StreamReader } from '../reading.ts';
import { parametersOf } from '../request.ts';
import { overlaid, readingOf } from '../usage-block.ts';
import { decodeChunk } from './chunk.ts';
import { guardrailUsage } from './guardrails.ts';
import { readUsage } from './usage.ts';

/** `InvokeModel` passes the model's own JSON through; every family has its own. */
export function readInvokeRequest(body: unknown): RequestReading {
  const fields = object(body) ?? {};
  return known({
    model: text(fields.modelId) ?? text(fields.model),
    inputCharacters: () =>
      countCharacters([
        fields.messages,
        fields.system,
        fields.prompt,
        fields.inputText,
        fields.texts,
        fields.message,
      ]),
  });
}

/**
 * A reply of `InvokeModel`, decoded: Claude, Nova, Titan, Llama, and what speaks OpenAI's API. Cohere's and Nova's
 * embeddings say nothing in the body; there the `x-amzn-bedrock-*-token-count` headers count.
 */
export function readInvoke(body: unknown, context: ReadingContext): Reading {
  const reply = object(body) ?? {};
  return withBedrock(readFamily(reply, context), reply, context);
}

function readFamily(reply: JsonObject, context: ReadingContext): Reading {
  const block = object(reply.usage);
  if (block?.input_tokens !== undefined) return readMessage(reply, context);
  if (block?.prompt_tokens !== undefined) return readChatResponse(reply, context);
  const fromBody = readingOf(reply.usage, readUsage(block));
  if (fromBody.usageRaw !== undefined || fromBody.usageFault !== undefined) {
    return known({ ...factsOf(reply), ...fromBody });
  }
  return known({
    ...factsOf(reply),
    ...(readFlatCounts(reply) ?? readRerank(reply, context) ?? readHeaders(context)),
    ...readImages(reply, context),
  });
}

/** What Bedrock adds to every family: guardrails in the body, the tier and the latency in headers. */
function withBedrock(reading: Reading, reply: JsonObject, { headers }: ReadingContext): Reading {
  const units = guardrailUsage(object(reply['amazon-bedrock-trace'])?.guardrail);
  return known({
    ...reading,
    usage: reading.usage && { ...reading.usage, ...units },
    serviceTier: reading.serviceTier ?? text(headers?.['x-amzn-bedrock-service-tier']),
    speed: reading.speed ?? text(headers?.['x-amzn-bedrock-performanceconfig-latency']),
  });
}

/**
 * Follows `InvokeModelWithResponseStream`: decoded JSON events, or chunks as the SDK yields them. Claude counts in
 * its own events; the other families are counted by the metrics that Bedrock adds to the last one.
 */
export function createInvokeStreamReader(context: ReadingContext): StreamReader {
  const claude = createMessageStreamReader(context);
  let isClaude = false;
  let latest: JsonObject = {};
  let metrics: JsonObject | undefined;
  let errorType: string | undefined;
  let outputCharacters = 0;
  return {
    read(event) {
      const fields = decodeChunk(event);
      isClaude ||= fields.type === 'message_start';
      if (isClaude) claude.read(fields);
      latest = { ...latest, ...fields };
      const block = object(fields['amazon-bedrock-invocationMetrics']);
      if (block !== undefined) metrics = overlaid(metrics, block);
      errorType ??= Object.keys(fields).find((key) => key.endsWith('Exception'));
      outputCharacters += countCharacters([
        object(fields.contentBlockDelta)?.delta,
        fields.outputText,
        fields.generation,
        list(fields.choices),
      ]);
    },
    end() {
      claude.end?.();
    },
    reading() {
      const reading = isClaude
        ? known({ ...claude.reading(), ...known({ errorType }) })
        : known({
            ...factsOf(latest),
            ...readingOf(metrics, readUsage(metrics)),
            errorType,
            outputCharacters,
          });
      return withBedrock(reading, latest, context);
    },
  };
}

function factsOf(reply: JsonObject): Reading {
  const result = object(list(reply.results)[0]);
  const stopReason =
    text(reply.stopReason) ??
    text(reply.stop_reason) ??
    text(reply.finish_reason) ??
    text(reply.completionReason) ??
    text(object(reply.messageStop)?.stopReason) ??
    text(result?.completionReason);
  return known({
    responseId: text(reply.id) ?? text(reply.generation_id),
    finishReasons: stopReason === undefined ? undefined : [stopReason],
    outputCharacters: countCharacters([
      object(reply.output)?.message,
      result?.outputText,
      reply.generation,
      reply.text,
    ]),
  });
}

/** Titan's and Llama's counts stand on top of the reply, not in a block of their own. */
function readFlatCounts(reply: JsonObject): Reading | undefined {
  const titan = count(reply.inputTextTokenCount);
  if (titan !== undefined) {
    const results = list(reply.results).flatMap((result) => count(object(result)?.tokenCount) ?? []);
    const output = results.length === 0 ? undefined : results.reduce((sum, tokens) => sum + tokens, 0);
    const usageRaw = known({ inputTextTokenCount: titan, tokenCount: output });
    return readingOf(usageRaw, tokens(titan, output));
  }
  const { prompt_token_count: prompt, generation_token_count: generation } = reply;
  if (count(prompt) === undefined) return undefined;
  return {
    usage: tokens(count(prompt), count(generation)),
    usageRaw: { prompt_token_count: prompt, generation_token_count: generation },
  };
}

/** A query with up to 100 documents is one search; a document longer than 512 tokens with the query counts as several. */
function readRerank(reply: JsonObject, { request }: ReadingContext): Reading | undefined {
  if (object(list(reply.results)[0])?.relevance_score === undefined) return undefined;
  const documents = list(request?.documents).map((document) => text(document) ?? JSON.stringify(document));
  const query = text(request?.query) ?? '';
  if (documents.length === 0 || documents.some((document) => (document + query).length > MAX_RERANKED)) {
    return { usageFault: 'long documents count as several, and the reply does not say how many' };
  }
  return { usage: { searchUnits: Math.ceil(documents.length / 100) } };
}

/** Every token has at least one character. */
const MAX_RERANKED = 512;

const HEADERS = {
  'x-amzn-bedrock-input-token-count': 'inputTokens',
  'x-amzn-bedrock-output-token-count': 'outputTokens',
  'x-amzn-bedrock-cache-read-input-token-count': 'cacheReadInputTokens',
  'x-amzn-bedrock-cache-write-input-token-count': 'cacheWriteInputTokens',
} as const;

function readHeaders({ headers = {} }: ReadingContext): Reading {
  const block: Record<string, number> = {};
  const usageRaw: Record<string, number> = {};
  for (const [header, name] of Object.entries(HEADERS)) {
    const value = headers[header];
    if (value === undefined || !/^\d+$/.test(value)) continue;
    usageRaw[header] = Number(value);
    block[name] = Number(value);
  }
  const usage = readUsage(block);
  return usage === undefined ? {} : { usage, usageRaw };
}

/** Titan Image, Nova Canvas and Stability answer with the images, which are billed by the piece. */
function readImages(reply: JsonObject, context: ReadingContext): Reading {
  const images = list(reply.images).length + list(reply.artifacts).length;
  if (images === 0) return {};
  const config = object(context.request?.imageGenerationConfig) ?? context.request;
  return known({
    usage: { outputImages: images },
    parameters: parametersOf(config, ['width', 'height', 'quality', 'steps']),
  });
}

function tokens(input: number | undefined, output: number | undefined): Usage {
  return known({
    inputTokens: input,
    outputTokens: output,
    totalTokens: input === undefined ? undefined : input + (output ?? 0),
  });
}
