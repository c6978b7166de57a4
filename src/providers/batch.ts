import { type Attribution, type AttributionContext, UNATTRIBUTED } from '../attribution/attribution.ts';
import { checkOptions, ConfigError, describe } from '../errors.ts';
import { type JsonObject, known, object, text } from '../usage/read.ts';
import { attributionFromFact, attributionToFact } from './attribution-fact.ts';
import { boundedErrorType, boundedReading } from './bounded.ts';
import { announce, callHub } from './call-hub.ts';
import type { SettledCall } from './call.ts';
import { derivedEventId } from './event-id.ts';
import type { BatchLine, Reading, RequestReading } from './reading.ts';
import { claimEvent } from './settled-once.ts';

/** A batch, by the provider's own id: what was handed in comes back hours later, maybe in another process. */
export interface BatchKey {
  /** Names the provider's batches in memory and in event ids: `anthropic-batch`. */
  readonly kind: string;
  readonly id: string;
}

/** What is remembered of a batch from the moment it was handed in. */
export interface BatchFacts {
  /** The batch's own time of creation, so that whoever reads a line dates and prices it alike. */
  readonly startedAt?: Date;
  readonly attribution?: Attribution;
  /** The model, when all requests ask the same. */
  readonly model?: string;
  /** Requests that differ from the batch, by custom id. */
  readonly requests?: Readonly<Record<string, BatchRequestFacts>>;
}

export interface BatchRequestFacts {
  readonly attribution?: Attribution;
  /** What the reader of the reply must know of the request. */
  readonly request?: JsonObject;
}

/** Remembers what is known of a batch; what was remembered before stays. */
export function rememberBatch({ kind, id }: BatchKey, facts: BatchFacts): void {
  const { memory } = callHub();
  const requests = Object.entries(facts.requests ?? {}).map(
    ([customId, { attribution, request }]) =>
      [customId, known({ ...attributionToFact(attribution), request })] as const,
  );
  const fact = known({
    started_at: facts.startedAt?.toISOString(),
    ...attributionToFact(facts.attribution),
    model: facts.model,
    requests: requests.length === 0 ? undefined : Object.fromEntries(requests),
  });
  memory.remember(kind, id, { ...fact, ...memory.recall(kind, id) });
}

/** For whom single requests of a batch were made, by their `custom_id`. */
export type BatchAttribution = Readonly<
  Record<string, string | { readonly customer?: string | null; readonly context?: AttributionContext }>
>;

/**
 * Says who pays for which request of a batch that serves several customers. Say it after the batch was created and
 * before its results are read; requests that are not named here are billed to whom the batch was created for.
 *
 * @example
 * const batch = await client.batches.create({ input_file_id, endpoint, completion_window: '24h' });
 * attributeBatch(batch.id, { 'request-1': 'acme_corp', 'request-2': { customer: 'globex', context: { feature: 'tags' } } });
 * @throws {ConfigError} when something else than a customer or an attribution is given.
 */
export function attributeBatch(batchId: string, requests: BatchAttribution): void {
  const kind = batchId.startsWith('msgbatch_') ? 'anthropic-batch' : 'openai-batch';
  const { memory } = callHub();
  const fact = memory.recall(kind, batchId) ?? {};
  const shared = attributionFromFact(fact) ?? UNATTRIBUTED;
  const said = Object.entries(requests).map(([customId, given]) => {
    const earlier = object(object(fact['requests'])?.[customId]);
    return [
      customId,
      { ...earlier, ...attributionToFact(attributionFrom(customId, given, shared)) },
    ] as const;
  });
  memory.remember(kind, batchId, {
    ...fact,
    requests: { ...object(fact['requests']), ...Object.fromEntries(said) },
  });
}

function attributionFrom(customId: string, given: BatchAttribution[string], batch: Attribution): Attribution {
  const where = `attributeBatch: '${customId}'`;
  if (typeof given !== 'string') checkOptions(where, given, ['customer', 'context']);
  const { customer, context } = typeof given === 'string' ? { customer: given, context: {} } : given;
  if (customer !== undefined && customer !== null && (typeof customer !== 'string' || customer === '')) {
    throw new ConfigError(
      `${where} must be a customer's name, got ${describe(customer)}. Example: 'acme_corp'.`,
    );
  }
  return {
    ...batch,
    ...(customer === undefined ? {} : { customer, source: 'scope' as const }),
    context: { ...batch.context, ...context },
  };
}

export function recallBatch({ kind, id }: BatchKey): BatchFacts {
  const fact = callHub().memory.recall(kind, id) ?? {};
  const startedAt = new Date(text(fact['started_at']) ?? Number.NaN);
  const requests = Object.entries(object(fact['requests']) ?? {}).map(([customId, value]) => {
    const each = object(value) ?? {};
    return [
      customId,
      known({ attribution: attributionFromFact(each), request: object(each['request']) }),
    ] as const;
  });
  return known({
    startedAt: Number.isNaN(startedAt.getTime()) ? undefined : startedAt,
    attribution: attributionFromFact(fact),
    model: text(fact['model']),
    requests: Object.fromEntries(requests),
  });
}

/** A line of a batch's results, read. */
export interface ReadBatchLine {
  readonly line: BatchLine;
  readonly reading: Reading;
  readonly attribution: Attribution;
  readonly provider: string;
  readonly operation: string;
  readonly request: RequestReading;
  readonly startedAt: Date;
  readonly serverAddress?: string;
}

/**
 * Announces a line of a batch's results as a finished call at the batch rate: once in this process, and under
 * an id that is the same wherever it is read. A line that failed is free.
 */
export function settleBatchLine({ kind, id }: BatchKey, read: ReadBatchLine): void {
  const { line, attribution, startedAt, provider, operation, request } = read;
  const reading = boundedReading(read.reading);
  const errorType = line.errorType ?? reading.errorType;
  // The provider's own id of the line, where it has one: also found by who does not know the batch.
  const eventId =
    line.id === undefined ? derivedEventId(kind, id, line.customId) : derivedEventId(kind, line.id);
  if (!attribution.tracked || !claimEvent(eventId)) return;
  const settled: SettledCall = {
    id: eventId,
    startTime: startedAt,
    attribution,
    provider,
    operation,
    request,
    status: line.errorType === undefined ? 'ok' : 'error',
    retries: 0,
    reading,
    usage: reading.usage ?? {},
    usageSource: reading.usage === undefined ? 'none' : 'provider',
    consumedNothing: line.body === undefined,
    batchId: id,
    ...known({
      serverAddress: read.serverAddress,
      requestId: line.requestId,
      errorType: errorType && boundedErrorType(errorType),
    }),
  };
  announce(settled);
}
