import type { Decimal } from '../base/decimal.ts';
import { type JsonObject, object } from '../base/read.ts';
import { type CostEvent, costEventFromJson } from '../metering/cost-event.ts';
import { EVENT_FIELDS } from '../metering/event-json.ts';
import { HEADLINE_QUANTITIES } from '../usage/quantities.ts';
import { type UsageJson, usageToJson } from '../usage/usage.ts';

/** The quantities with a column of their own; the others share `other_usage`. */
export const USAGE_COLUMNS: readonly string[] = HEADLINE_QUANTITIES.map(({ key }) => key);

/** What reports group and filter by, beside time and context. */
export const DIMENSION_COLUMNS = [
  'kind',
  'customer',
  'attribution_source',
  'provider',
  'operation',
  'request_model',
  'response_model',
  'service',
  'service_tier',
  'status',
  'error_type',
  'usage_source',
  'cost_status',
  'currency',
] as const;

/** An event as a database keeps it; what has a column is not in `shared` or `details`. */
export interface EventRow {
  readonly id: string;
  readonly adjusts: string | null;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** In the order of `DIMENSION_COLUMNS`. */
  readonly dimensions: readonly (string | null)[];
  readonly amount: Decimal | null;
  /** In the order of `USAGE_COLUMNS`. */
  readonly usage: readonly (number | null)[];
  /** The quantities without a column, zeros left out. */
  readonly otherUsage: Readonly<Record<string, number>> | null;
  readonly context: JsonObject | null;
  readonly responseId: string | null;
  readonly traceId: string | null;
  /** Facts that come again with many events. */
  readonly shared: JsonObject;
  /** The other facts of this event, in the words of the event's JSON form. */
  readonly details: JsonObject;
}

type Written = Readonly<Record<string, unknown>>;

export function eventToRow(event: CostEvent): EventRow {
  const { cost } = event;
  const usage = usageToJson(event.usage);
  const zeros = zerosOf(usage);
  const { line_items: lineItems, notes, local, price, source, reason } = written('cost', cost) as Written;
  return {
    id: event.id,
    adjusts: event.adjusts ?? null,
    time: event.timestamp.getTime(),
    dimensions: [
      event.kind,
      event.customer,
      event.attributionSource ?? null,
      event.provider,
      event.operation,
      event.requestModel ?? null,
      event.responseModel ?? null,
      event.service ?? null,
      event.serviceTier ?? null,
      event.status,
      event.errorType ?? null,
      event.usageSource,
      cost.status,
      cost.currency ?? null,
    ],
    amount: cost.amount ?? null,
    usage: USAGE_COLUMNS.map((column) => (usage as Readonly<Record<string, number>>)[column] ?? null),
    otherUsage: otherUsage(usage),
    context: contextOf(event),
    responseId: event.responseId ?? null,
    traceId: event.traceId ?? null,
    shared: {
      stream: event.stream,
      retries: event.retries,
      server_address: event.serverAddress,
      finish_reasons: event.finishReasons,
      price_inputs: event.priceInputs && written('priceInputs', event.priceInputs),
      cost: { source, price, reason },
      zeros,
    },
    details: {
      duration_ms: event.durationMs,
      time_to_first_token_ms: event.timeToFirstTokenMs,
      call_site: event.callSite,
      request_id: event.requestId,
      batch_id: event.batchId,
      span_id: event.spanId,
      usage_raw: event.usageRaw,
      cost: { line_items: lineItems, notes, local },
      charge: event.charge && written('charge', event.charge),
      iterations: usage.iterations,
    },
  };
}

/** The event of a row; its values may come from SQL as they are, JSON as text or parsed. */
export function eventFromRow(row: Readonly<Record<string, unknown>>): CostEvent {
  const shared = sharedJson(row.shared);
  const { iterations, ...details } = json(row.details);
  const dimensions: Record<string, unknown> = {};
  for (const column of DIMENSION_COLUMNS) dimensions[column] = row[column];
  return costEventFromJson({
    ...shared,
    ...details,
    ...dimensions,
    id: row.id,
    adjusts: row.adjusts,
    timestamp: new Date(Number(row.time)).toISOString(),
    context: json(row.context),
    response_id: row.response_id,
    trace_id: row.trace_id,
    usage: details.usage ?? usageOf(row, shared.zeros, iterations),
    cost: {
      status: row.cost_status,
      currency: row.currency,
      amount: row.amount,
      ...object(shared.cost),
      ...object(details.cost),
    },
  });
}

function usageOf(row: Readonly<Record<string, unknown>>, zeros: unknown, iterations: unknown): JsonObject {
  const usage: Record<string, unknown> = {};
  for (const column of USAGE_COLUMNS) {
    const quantity = row[column];
    if (quantity !== null && quantity !== undefined) usage[column] = Number(quantity);
  }
  if (Array.isArray(zeros)) for (const key of zeros as readonly string[]) usage[key] = 0;
  Object.assign(usage, json(row.other_usage));
  if (iterations !== undefined) usage.iterations = iterations;
  return usage;
}

/** The same text comes again with many events, mostly one after the other. */
function sharedJson(value: unknown): JsonObject {
  if (typeof value !== 'string') return json(value);
  if (value !== lastShared.text) lastShared = { text: value, json: json(value) };
  return lastShared.json;
}

let lastShared: { readonly text: string; readonly json: JsonObject } = { text: '{}', json: {} };

function json(value: unknown): JsonObject {
  return object(typeof value === 'string' ? JSON.parse(value) : value) ?? {};
}

function written(name: keyof typeof EVENT_FIELDS, value: unknown): unknown {
  const field = EVENT_FIELDS[name];
  return typeof field === 'string' || field.as === undefined ? value : field.as.write(value);
}

const HEADLINE: ReadonlySet<string> = new Set(USAGE_COLUMNS);

function otherUsage(usage: UsageJson): EventRow['otherUsage'] {
  let others: Record<string, number> | null = null;
  for (const [key, quantity] of Object.entries(usage)) {
    if (HEADLINE.has(key) || typeof quantity !== 'number' || quantity === 0) continue;
    others ??= {};
    others[key] = quantity;
  }
  return others;
}

/** The quantities that are known to be 0 and have no column; most providers name the same ones in every reply. */
function zerosOf(usage: UsageJson): readonly string[] | undefined {
  const zeros = Object.keys(usage).filter(
    (key) => !HEADLINE.has(key) && (usage as Readonly<Record<string, unknown>>)[key] === 0,
  );
  return zeros.length === 0 ? undefined : zeros;
}

function contextOf({ context }: CostEvent): JsonObject | null {
  for (const _ in context) return written('context', context) as JsonObject;
  return null;
}
