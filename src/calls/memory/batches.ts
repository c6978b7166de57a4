import { type ContextInput, type CustomerInput, UNATTRIBUTED } from '../../attribution/attribution.ts';
import { copyContext } from '../../attribution/context-values.ts';
import { readCustomer } from '../../attribution/customer.ts';
import { overShown, type ShownAttribution } from '../../attribution/shown.ts';
import { ConfigError, describe } from '../../base/errors.ts';
import { checkOptions } from '../../base/options.ts';
import { type JsonObject, known, object, text } from '../../base/read.ts';
import { attributionFromFact, attributionToFact } from './attribution-fact.ts';
import { boundedErrorType } from '../bounded.ts';
import { announce, callMemory } from '../hub.ts';
import { shownAttribution } from '../shown-call.ts';
import { type Consumed, type OpenCall, settled } from '../call.ts';
import { derivedEventId } from '../event-id.ts';
import type { BatchLine, Reading, RequestReading } from '../../wire/reading.ts';
import { claimEvent } from './claims.ts';

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
  readonly attribution?: ShownAttribution;
  /** The path of the call that all requests make: `/v1/embeddings`. */
  readonly endpoint?: string;
  /** The model, when all requests ask the same. */
  readonly model?: string;
  /** Requests that differ from the batch, by custom id. */
  readonly requests?: Readonly<Record<string, BatchRequestFacts>>;
}

export interface BatchRequestFacts {
  readonly attribution?: ShownAttribution;
  /** What the reader of the reply must know of the request. */
  readonly request?: JsonObject;
}

/** Remembers what is known of a batch; what was remembered before stays. */
export function rememberBatch({ kind, id }: BatchKey, facts: BatchFacts): void {
  const memory = callMemory();
  const requests = Object.entries(facts.requests ?? {}).map(
    ([customId, { attribution, request }]) =>
      [customId, known({ ...attributionToFact(attribution), request })] as const,
  );
  const fact = known({
    started_at: facts.startedAt?.toISOString(),
    ...attributionToFact(facts.attribution),
    endpoint: facts.endpoint,
    model: facts.model,
    requests: requests.length === 0 ? undefined : Object.fromEntries(requests),
  });
  memory.remember(kind, id, { ...fact, ...memory.recall(kind, id) });
}

/** For whom single requests of a batch were made, by their `custom_id`. */
export type BatchAttribution = Readonly<
  Record<string, string | { readonly customer?: CustomerInput; readonly context?: ContextInput | undefined }>
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
  const [, kind = 'openai-batch'] = KINDS.find(([prefix]) => batchId.startsWith(prefix)) ?? [];
  const memory = callMemory();
  const fact = memory.recall(kind, batchId) ?? {};
  const shared = attributionFromFact(fact) ?? shownAttribution(unknownBatch(batchId));
  const said = Object.entries(requests).map(([customId, given]) => {
    const earlier = object(object(fact.requests)?.[customId]);
    return [
      customId,
      { ...earlier, ...attributionToFact(attributionFrom(customId, given, shared)) },
    ] as const;
  });
  memory.remember(kind, batchId, {
    ...fact,
    requests: { ...object(fact.requests), ...Object.fromEntries(said) },
  });
}

/** Whose batches have ids that start like this. */
const KINDS = [
  ['msgbatch_', 'anthropic-batch'],
  ['batches/', 'google-batch'],
] as const;

function attributionFrom(
  customId: string,
  given: BatchAttribution[string],
  batch: ShownAttribution,
): ShownAttribution {
  const where = `attributeBatch: '${customId}'`;
  if (typeof given !== 'string') checkOptions(where, given, ['customer', 'context']);
  const said = typeof given === 'string' ? { customer: given } : given;
  const customer = readCustomer(said.customer);
  if (customer === undefined && said.customer !== undefined) {
    throw new ConfigError(
      `${where} must be a customer's name, got ${describe(said.customer)}. Example: 'acme_corp'.`,
    );
  }
  return overShown(batch, { customer, context: copyContext(said.context) });
}

/** For a batch that nobody here remembers: what holds for every call of the process. */
function unknownBatch(id: string): OpenCall {
  const startTime = new Date();
  return { id, startTime, attribution: UNATTRIBUTED, provider: 'unknown', operation: 'batch', request: {} };
}

export function recallBatch({ kind, id }: BatchKey): BatchFacts {
  const fact = callMemory().recall(kind, id) ?? {};
  const startedAt = new Date(text(fact.started_at) ?? Number.NaN);
  const requests = Object.entries(object(fact.requests) ?? {}).map(([customId, value]) => {
    const each = object(value) ?? {};
    return [
      customId,
      known({ attribution: attributionFromFact(each), request: object(each.request) }),
    ] as const;
  });
  return known({
    startedAt: Number.isNaN(startedAt.getTime()) ? undefined : startedAt,
    attribution: attributionFromFact(fact),
    endpoint: text(fact.endpoint),
    model: text(fact.model),
    requests: Object.fromEntries(requests),
  });
}

/** A line of a batch's results, read. */
export interface ReadBatchLine {
  readonly line: BatchLine;
  readonly reading: Reading;
  readonly attribution: ShownAttribution;
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
  const { line, reading, attribution, startedAt, provider, operation, request } = read;
  const errorType = line.errorType ?? reading.errorType;
  // The provider's own id of the line, where it has one: also found by those who do not know the batch.
  const eventId =
    line.id === undefined ? derivedEventId(kind, id, line.customId) : derivedEventId(kind, line.id);
  if (!attribution.tracked || !claimEvent(eventId)) return;
  const open = {
    id: eventId,
    startTime: startedAt,
    attribution,
    provider,
    operation,
    request,
    ...known({ serverAddress: read.serverAddress }),
  };
  announce(
    settled(open, reading, {
      status: line.errorType === undefined ? 'ok' : 'error',
      consumed: consumedBy(line, reading),
      batchId: id,
      ...known({ requestId: line.requestId, errorType: errorType && boundedErrorType(errorType) }),
    }),
  );
}

/** A line without a reply failed, and a line that failed is free. */
function consumedBy({ body, errorType }: BatchLine, { usage, usageFault }: Reading): Consumed {
  if (usage !== undefined) return { kind: 'counted', usage };
  return body === undefined
    ? { kind: 'nothing', why: errorType ?? 'error' }
    : { kind: 'unknown', ...known({ why: usageFault }) };
}
