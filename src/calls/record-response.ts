import { boundedErrorType } from './bounded.ts';
import { ConfigError, describe } from '../base/errors.ts';
import { checkOptions } from '../base/options.ts';
import { type JsonObject, known, object, text } from '../base/read.ts';
import { canonicalProvider } from '../providers/spelling.ts';
import { readerFor, readRawReply } from '../wire/read-reply.ts';
import type { Reading, RequestReading } from '../wire/reading.ts';
import type { Consumed } from './call.ts';
import { estimateUsage } from './estimate.ts';
import { derivedEventId } from './event-id.ts';
import { receiptOf, rememberReceipt, settleReceipt, workId } from './memory/receipts.ts';
import { read } from './outcome.ts';
import { checkRecordedFor, RECORDED_FOR, recordedCall, type RecordedFor } from './recorded.ts';

/** What is known of a call beside its reply. */
export interface RecordResponseOptions extends RecordedFor {
  /** OTel's well-known provider name, or the host's owner. Default: the owner of the `url`'s host. */
  readonly provider?: string;
  /** The full address that was called; it may hold the model, the region and the kind of call. */
  readonly url?: string;
  /** Default: `POST`. */
  readonly method?: string;
  /** The request body: where a reply is sound or says no model, it says what was bought. */
  readonly request?: JsonObject;
  readonly headers?: Readonly<Record<string, string>>;
  /** The model, where neither reply, request nor address names it. */
  readonly model?: string;
  /** Where the cloud ran it: Vertex `us-east5`. */
  readonly region?: string;
  /** How long the call took, in milliseconds. */
  readonly durationMs?: number;
}

const OPTIONS = [
  'provider',
  'url',
  'method',
  'request',
  'headers',
  'model',
  'region',
  'durationMs',
  ...RECORDED_FOR,
] as const satisfies readonly (keyof RecordResponseOptions)[];

/**
 * Records a model call that no patch saw, from its reply: any SDK, any bridge to another language. It becomes one cost
 * event at list prices, billed to whom the code runs for. The body is the parsed JSON, or the list of a finished
 * stream's events.
 *
 * A reply is recorded once, by its own id where it has one. The start of background work is remembered and billed when
 * its usage is recorded.
 *
 * @returns the id of the event; undefined where the call costs nothing by its kind, or is not finished yet.
 * @throws {ConfigError} for unknown options, or when neither `provider` nor `url` is given. Never for the body.
 * @example
 * const reply = await mistral.chat.complete(request);
 * recordResponse(reply, { provider: 'mistral_ai', request, customer: 'acme_corp' });
 */
export function recordResponse(body: unknown, options: RecordResponseOptions): string | undefined {
  check(options);
  const { url, method, request, headers, region, durationMs } = options;
  const provider = options.provider === undefined ? undefined : canonicalProvider(options.provider);
  const raw = readRawReply({ body, ...known({ url, method, request, headers, provider }) });
  if (raw.free) return undefined;
  const { reading } = raw;
  const started = receiptOf(reading);
  if (started !== undefined) {
    settleReceipt(reading);
    return reading.usage === undefined ? undefined : started;
  }
  const model = raw.requestModel ?? options.model;
  const endpoint = readerFor({ body, provider: raw.provider, ...known({ url, method, request }) });
  const asked: RequestReading = (request && endpoint.readRequest?.(request)) ?? {};
  const description = {
    provider: raw.provider,
    operation: raw.operation,
    request: { ...asked, ...known({ model, stream: Array.isArray(body) ? true : undefined }) },
    ...known({ serverAddress: url && URL.parse(url)?.hostname, region }),
  };
  const id = options.id ?? idOf(raw.provider, reading);
  const recorded = recordedCall('recordResponse', { ...options, ...known({ id }) }, description, reading, {
    status: read(reading).status,
    consumed: consumedBy(description.request, reading),
    ...known({
      durationMs,
      requestId: requestIdIn(headers),
      errorType: reading.errorType && boundedErrorType(reading.errorType),
    }),
  });
  if (reading.pending === true && reading.usage === undefined && rememberReceipt(recorded.call))
    return undefined;
  recorded.announce();
  return recorded.call.id;
}

/** The same reply, recorded twice, is one event. */
function idOf(provider: string, { responseId, background }: Reading): string | undefined {
  if (responseId === undefined) return undefined;
  return background === true ? workId(responseId) : derivedEventId('response', provider, responseId);
}

function consumedBy(request: RequestReading, reading: Reading): Consumed {
  if (reading.usageFault !== undefined) return { kind: 'unknown', why: reading.usageFault };
  const usage = reading.usage ?? request.usage;
  if (usage !== undefined) return { kind: 'counted', usage };
  if (reading.errorType !== undefined) return { kind: 'nothing', why: boundedErrorType(reading.errorType) };
  // Half an estimate, of the output alone, would pass for a whole one.
  const estimate = request.inputCharacters === undefined ? undefined : estimateUsage(request, reading);
  return estimate === undefined ? { kind: 'unknown' } : { kind: 'estimated', usage: estimate };
}

function requestIdIn(headers: RecordResponseOptions['headers'] = {}): string | undefined {
  const [, id] =
    Object.entries(headers).find(([name]) => /^(?:x-)?request-id$/i.test(name)) ?? ([] as unknown[]);
  return text(id);
}

function check(options: RecordResponseOptions): void {
  checkOptions('recordResponse', options ?? null, OPTIONS);
  checkRecordedFor('recordResponse', options);
  const { provider, url, request, durationMs } = options;
  if (text(provider) === undefined && text(url) === undefined) {
    throw new ConfigError(
      `recordResponse: expected a provider or the url that was called, got ${describe(provider)}. Example: { provider: 'openai' }.`,
    );
  }
  if (request !== undefined && object(request) === undefined) {
    throw new ConfigError(
      `recordResponse: request must be the request's body as an object, got ${describe(request)}.`,
    );
  }
  if (durationMs !== undefined && !(typeof durationMs === 'number' && durationMs >= 0)) {
    throw new ConfigError(`recordResponse: durationMs must be milliseconds, got ${describe(durationMs)}.`);
  }
}
