import { count, type JsonObject, known, list, object, text } from '../../base/read.ts';
import { countCharacters } from '../characters.ts';
import { errorTypeOf } from '../error-type.ts';
import type { Reading, ReadingContext, StreamReader } from '../reading.ts';
import { reportedCost } from '../reported-cost.ts';
import { overlaid, readingOf, tellsBoth } from '../usage-block.ts';
import { readUsage } from './usage.ts';

/** A message, from the API itself or from Claude on Bedrock and Vertex. */
export function readMessage(body: unknown, context: ReadingContext): Reading {
  return readWith(object(body) ?? {}, context);
}

/** `counted`: the block to count by, where a stream had several. */
function readWith(message: JsonObject, context: ReadingContext, counted: unknown = message.usage): Reading {
  const raw = object(message.usage);
  const usage = readUsage(counted);
  const block = readingOf(counted, usage, tellsBoth(usage));
  const stopReason = text(message.stop_reason);
  return known({
    ...block,
    usageRaw: block.usageRaw && raw,
    responseId: text(message.id),
    responseModel: text(message.model),
    serviceTier: text(raw?.service_tier),
    speed: text(raw?.speed),
    inferenceGeo: text(raw?.inference_geo),
    finishReasons: stopReason === undefined ? undefined : [stopReason],
    reported: reportedCost(raw, context.provider),
    freeReason: freeReason(context),
    errorType: errorTypeOf(message.error),
    outputCharacters: block.usage === undefined ? countCharacters(list(message.content)) : undefined,
  });
}

/**
 * Follows the events of a streamed message. `message_start` brings the input and a placeholder of one output
 * token; every `message_delta` brings cumulative totals that replace what they name. Nothing is added up.
 */
export function createMessageStreamReader(context: ReadingContext): StreamReader {
  let message: JsonObject = {};
  let usage: JsonObject | undefined;
  let counted: JsonObject | undefined;
  let hasOutputCount = false;
  let isFinal = false;
  let stopReason: string | undefined;
  let errorType: string | undefined;
  let outputCharacters = 0;
  return {
    read(event) {
      const fields = object(event) ?? {};
      switch (fields.type) {
        case 'message_start': {
          message = object(fields.message) ?? message;
          usage = object(message.usage);
          counted = withoutOutput(usage);
          break;
        }
        case 'content_block_start': {
          outputCharacters += countCharacters(fields.content_block);
          break;
        }
        case 'content_block_delta': {
          outputCharacters += countCharacters(fields.delta);
          break;
        }
        case 'message_delta': {
          const totals = object(fields.usage);
          stopReason = text(object(fields.delta)?.stop_reason) ?? stopReason;
          if (totals !== undefined) {
            usage = overlay(usage ?? {}, totals);
            counted = overlaid(counted, totals);
          }
          hasOutputCount ||= count(totals?.output_tokens) !== undefined;
          isFinal ||= hasOutputCount && stopReason !== undefined;
          break;
        }
        case 'message_stop': {
          isFinal ||= hasOutputCount;
          break;
        }
        case 'error': {
          errorType ??= errorTypeOf(fields.error);
          break;
        }
        default:
      }
    },
    end() {
      isFinal ||= hasOutputCount;
    },
    reading() {
      const reading = readWith({ ...message, usage }, context, counted);
      const { usage: total, usageRaw, usageFault, reported, ...facts } = reading;
      return known({
        ...facts,
        ...(isFinal
          ? { usage: total, usageRaw, usageFault, reported }
          : { partialUsage: readUsage(counted) }),
        finishReasons: stopReason === undefined ? undefined : [stopReason],
        errorType,
        outputCharacters,
      });
    },
  };
}

/** The later figures over the earlier ones, nested ones too; `null` says nothing. */
function overlay(earlier: JsonObject, later: JsonObject): JsonObject {
  const result: Record<string, unknown> = { ...earlier };
  for (const [key, value] of Object.entries(later)) {
    if (value === null || value === undefined) continue;
    const [before, after] = [object(result[key]), object(value)];
    result[key] = before !== undefined && after !== undefined ? overlay(before, after) : value;
  }
  return result;
}

/** What `message_start` knows for sure; its one output token is no count. */
function withoutOutput(usage: JsonObject | undefined): JsonObject | undefined {
  if (usage === undefined) return undefined;
  const { output_tokens: _, ...input } = usage;
  return input;
}

/** A request with `billing_policy: { bill_to: 'user_profile' }` is on the end customer's own account (July 2026). */
function freeReason(context: ReadingContext): string | undefined {
  const policy = object(context.request?.billing_policy);
  return policy?.bill_to === 'user_profile' ? "billed to the customer's own organization" : undefined;
}
