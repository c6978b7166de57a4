import { type JsonObject, known, list, object, text } from '../../base/read.ts';
import { errorTypeOf } from '../error-type.ts';
import type { Reading, ReadingContext, StreamReader } from '../reading.ts';
import { reportedCost } from '../reported-cost.ts';
import { overlaid } from '../usage-block.ts';
import { readBlock } from './usage.ts';

/** Any JSON reply with a usage block on top: embeddings, reranking, agents, and calls that no table lists yet. */
export function readReply(body: unknown, context: ReadingContext): Reading {
  const reply = object(body) ?? {};
  const inputOnly = hasNoOutput(reply);
  const raw = reply.usage;
  const model = text(reply.model);
  const dialect = { provider: context.provider, model: text(context.request?.model) ?? model, inputOnly };
  return known({
    ...readBlock(raw, dialect),
    responseId: text(reply.id),
    responseModel: model,
    serviceTier: text(reply.service_tier) ?? text(object(raw)?.service_tier),
    reported: reportedCost(raw, context.provider),
    errorType: errorTypeOf(reply.error),
  });
}

/** Vectors, scores and judgements are no output that is counted: a total alone is the input. */
function hasNoOutput(reply: JsonObject): boolean {
  const first = object(list(reply.data ?? reply.results)[0]);
  return NO_OUTPUT.some((field) => field in reply || (first !== undefined && field in first));
}

const NO_OUTPUT = [
  'embedding',
  'embeddings',
  'relevance_score',
  'flagged',
  'categories',
  'predictions',
  'prediction',
];

/** The usage blocks of any stream: on the event itself, in its `response`, or in its `data`. */
export function createReplyStreamReader(context: ReadingContext): StreamReader {
  let latest: JsonObject = {};
  let usage: JsonObject | undefined;
  let errorType: string | undefined;
  return {
    read(event) {
      const fields = object(event);
      if (fields === undefined) return;
      const reply = object(fields.response) ?? object(fields.data) ?? fields;
      latest = { ...latest, ...known({ id: text(reply.id), model: text(reply.model) }) };
      const block = object(reply.usage) ?? object(fields.usage);
      if (block !== undefined) usage = overlaid(usage, block);
      errorType ??= errorTypeOf(fields.error);
    },
    reading: () => known({ ...readReply({ ...latest, usage }, context), errorType }),
  };
}
