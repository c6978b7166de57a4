import { type JsonObject, known, object, text } from '../../usage/read.ts';
import { errorTypeOf } from '../error-type.ts';
import { reportedCost } from '../reported-cost.ts';
import type { Reading, ReadingContext, StreamReader } from '../reading.ts';
import { readUsage } from './usage.ts';

/** Any JSON reply with a usage block on top: embeddings, reranking, and calls that no table lists yet. */
export function readReply(body: unknown, context: ReadingContext): Reading {
  const reply = object(body) ?? {};
  const raw = object(reply['usage']);
  const model = text(reply['model']);
  const dialect = { provider: context.provider, model: text(context.request?.['model']) ?? model };
  const usage = readUsage(raw, dialect);
  return known({
    responseId: text(reply['id']),
    responseModel: model,
    usage,
    usageRaw: usage && raw,
    serviceTier: text(reply['service_tier']) ?? text(raw?.['service_tier']),
    reported: reportedCost(raw, context.provider),
    errorType: errorTypeOf(reply['error']),
  });
}

/** The last usage block in any stream: on the event itself, in its `response`, or in its `data`. */
export function createReplyStreamReader(context: ReadingContext): StreamReader {
  let latest: JsonObject = {};
  let usage: JsonObject | undefined;
  let errorType: string | undefined;
  return {
    read(event) {
      const fields = object(event);
      if (fields === undefined) return;
      const reply = object(fields['response']) ?? object(fields['data']) ?? fields;
      latest = { ...latest, ...known({ id: text(reply['id']), model: text(reply['model']) }) };
      usage = object(reply['usage']) ?? object(fields['usage']) ?? usage;
      errorType ??= errorTypeOf(fields['error']);
    },
    reading: () => known({ ...readReply({ ...latest, usage }, context), errorType }),
  };
}
