import { type JsonObject, known, object, text } from '../../base/read.ts';
import { countCharacters } from '../characters.ts';
import type { Reading, RequestReading, StreamReader } from '../reading.ts';
import { overlaid, readingOf, tellsBoth } from '../usage-block.ts';
import { guardrailUsage } from './guardrails.ts';
import { readUsage } from './usage.ts';

/** `modelId` is in the SDK's parameters; over plain HTTP it is in the path. */
export function readConverseRequest(body: unknown): RequestReading {
  const fields = object(body) ?? {};
  return known({
    model: text(fields.modelId) ?? text(fields.model),
    inputCharacters: () => countCharacters([fields.messages, fields.system, fields.toolConfig]),
  });
}

export function readConverse(body: unknown): Reading {
  const reply = object(body) ?? {};
  const stopReason = text(reply.stopReason);
  const trace = object(reply.trace);
  const counted = readUsage(reply.usage);
  const { usage, ...block } = readingOf(reply.usage, counted, tellsBoth(counted));
  return known({
    ...block,
    usage: usage && { ...usage, ...guardrailUsage(trace?.guardrail) },
    // A prompt router says which model it chose.
    responseModel: text(object(trace?.promptRouter)?.invokedModelId),
    // `optimized` has a price of its own.
    speed: text(object(reply.performanceConfig)?.latency),
    serviceTier: text(object(reply.serviceTier)?.type),
    finishReasons: stopReason === undefined ? undefined : [stopReason],
    outputCharacters: countCharacters(object(reply.output)?.message),
  });
}

/** The events of `ConverseStream`, as the SDK yields them: one key each; `metadata` comes last, with the usage. */
export function createConverseStreamReader(): StreamReader {
  let metadata: JsonObject = {};
  let stopReason: string | undefined;
  let errorType: string | undefined;
  let outputCharacters = 0;
  return {
    read(event) {
      const fields = object(event) ?? {};
      const { usage, ...rest } = object(fields.metadata) ?? {};
      const block = object(usage);
      metadata = { ...metadata, ...rest, ...(block && { usage: overlaid(object(metadata.usage), block) }) };
      stopReason = text(object(fields.messageStop)?.stopReason) ?? stopReason;
      outputCharacters += countCharacters(object(fields.contentBlockDelta)?.delta);
      errorType ??= Object.keys(fields).find((key) => key.endsWith('Exception'));
    },
    reading: () => known({ ...readConverse({ ...metadata, stopReason }), errorType, outputCharacters }),
  };
}
