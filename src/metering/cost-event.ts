import type { AttributionContext, AttributionSource } from '../attribution/attribution.ts';
import type { Charge, Cost, PriceInputs } from '../pricing/price.ts';
import type { JsonObject } from '../usage/read.ts';
import { list, object, text } from '../usage/read.ts';
import { type Usage, type UsageJson, usageFromJson, usageToJson } from '../usage/usage.ts';

/** The version of the JSON form; readers refuse a higher one. */
export const SCHEMA_VERSION = 1;

/** The fields of a cost event. Times are UTC; durations are milliseconds; absent = unknown. */
export interface CostEventFields {
  /** UUIDv7, minted once per call: the idempotency key everywhere. */
  readonly id: string;
  /** `usage`: a call. `adjustment`: a correction of the event named in `adjusts`. */
  readonly kind: 'usage' | 'adjustment';
  readonly adjusts?: string;
  /** Start of the call, wall clock. */
  readonly timestamp: Date;
  readonly durationMs?: number;
  readonly timeToFirstTokenMs?: number;
  /** `null`: nobody is billed; `attributionSource` tells "explicitly nobody" from "nobody said". */
  readonly customer: string | null;
  /** Absent when nobody said who the customer is. */
  readonly attributionSource?: AttributionSource;
  readonly context: AttributionContext;
  /** Where the unattributed call was made, when that is cheap to know: `handler (file:line)`. */
  readonly callSite?: string;
  readonly provider: string;
  readonly operation: string;
  readonly requestModel?: string;
  readonly responseModel?: string;
  readonly responseId?: string;
  readonly requestId?: string;
  readonly batchId?: string;
  readonly serviceTier?: string;
  readonly serverAddress?: string;
  readonly stream: boolean;
  readonly status: 'ok' | 'error' | 'aborted' | 'partial';
  readonly errorType?: string;
  readonly finishReasons?: readonly string[];
  readonly retries: number;
  readonly usage: Usage;
  readonly usageRaw?: JsonObject;
  readonly usageSource: 'provider' | 'estimated' | 'none';
  readonly cost: Cost;
  /** What the customer pays for the call, where a rate card says so; margin is charge minus cost. */
  readonly charge?: Charge;
  /** What beside model, tier and usage decided the price. */
  readonly priceInputs?: PriceInputs;
  readonly traceId?: string;
  readonly spanId?: string;
  /** `service.name` of the process that made the call. */
  readonly service?: string;
}

/** One billable call, metered and priced; immutable. `toJSON()` gives the JSON form, schema version 1. */
export interface CostEvent extends CostEventFields {
  toJSON(): CostEventJson;
}

/** The JSON form: snake_case, money as decimal strings, absent facts as `null` or left out. */
export type CostEventJson = JsonObject & { readonly id: string; readonly schema_version: number };

/** Freezes the fields into an event. */
export function createCostEvent(fields: CostEventFields): CostEvent {
  return Object.freeze(Object.assign(Object.create(COST_EVENT), fields) as CostEvent);
}

const COST_EVENT = Object.freeze({
  toJSON(this: CostEventFields): CostEventJson {
    return costEventToJson(this);
  },
});

/** The one mapping from camelCase fields to snake_case keys, in the order the JSON shows them. */
const KEYS = {
  id: 'id',
  kind: 'kind',
  adjusts: 'adjusts',
  timestamp: 'timestamp',
  durationMs: 'duration_ms',
  timeToFirstTokenMs: 'time_to_first_token_ms',
  customer: 'customer',
  attributionSource: 'attribution_source',
  context: 'context',
  callSite: 'call_site',
  provider: 'provider',
  operation: 'operation',
  requestModel: 'request_model',
  responseModel: 'response_model',
  responseId: 'response_id',
  requestId: 'request_id',
  batchId: 'batch_id',
  serviceTier: 'service_tier',
  serverAddress: 'server_address',
  stream: 'stream',
  status: 'status',
  errorType: 'error_type',
  finishReasons: 'finish_reasons',
  retries: 'retries',
  usage: 'usage',
  usageRaw: 'usage_raw',
  usageSource: 'usage_source',
  cost: 'cost',
  charge: 'charge',
  priceInputs: 'price_inputs',
  traceId: 'trace_id',
  spanId: 'span_id',
  service: 'service',
} as const satisfies Record<keyof CostEventFields, string>;

const PRICE_INPUT_KEYS = {
  batch: 'batch',
  speed: 'speed',
  inferenceGeo: 'inference_geo',
  region: 'region',
  deploymentType: 'deployment_type',
  parameters: 'parameters',
} as const satisfies Record<keyof PriceInputs, string>;

const COST_KEYS = {
  status: 'status',
  currency: 'currency',
  amount: 'amount',
  source: 'source',
  lineItems: 'line_items',
  price: 'price',
  reason: 'reason',
  notes: 'notes',
  local: 'local',
} as const satisfies Record<keyof Cost, string>;

/** Keys the JSON form always has, `null` when the fact is unknown. */
const ALWAYS: ReadonlySet<string> = new Set(['customer', 'error_type', 'finish_reasons', 'usage_raw']);

function costEventToJson(event: CostEventFields): CostEventJson {
  const json: Record<string, unknown> = { id: event.id, schema_version: SCHEMA_VERSION };
  for (const [name, key] of Object.entries(KEYS) as [keyof CostEventFields, string][]) {
    const value = event[name];
    if (name === 'timestamp') json[key] = event.timestamp.toISOString();
    else if (name === 'context') json[key] = contextToJson(event.context);
    else if (name === 'usage') json[key] = usageToJson(event.usage);
    else if (name === 'cost') json[key] = costToJson(event.cost);
    else if (name === 'charge') {
      if (event.charge !== undefined) json[key] = chargeToJson(event.charge);
    } else if (name === 'priceInputs') {
      if (event.priceInputs !== undefined) json[key] = renamed(event.priceInputs, PRICE_INPUT_KEYS);
    } else if (value !== undefined) json[key] = value;
    else if (ALWAYS.has(key)) json[key] = null;
  }
  return json as CostEventJson;
}

/** Reads the JSON form back; unknown keys are ignored, a `null` is an absent fact. */
export function costEventFromJson(json: JsonObject): CostEvent {
  const fields: Record<string, unknown> = {};
  for (const [name, key] of Object.entries(KEYS)) {
    const value = json[key];
    if (value === undefined || (value === null && name !== 'customer')) continue;
    if (name === 'timestamp') fields[name] = new Date(text(value) ?? Number.NaN);
    else if (name === 'usage') fields[name] = usageFromJson(value as UsageJson);
    else if (name === 'cost') fields[name] = costFromJson(object(value) ?? {});
    else if (name === 'charge') fields[name] = chargeFromJson(object(value) ?? {});
    else if (name === 'priceInputs') fields[name] = renamed(object(value) ?? {}, swapped(PRICE_INPUT_KEYS));
    else fields[name] = value;
  }
  return createCostEvent(fields as unknown as CostEventFields);
}

function chargeToJson({ lineItems, rateCard, ...charge }: Charge): JsonObject {
  return {
    ...charge,
    rate_card: rateCard,
    line_items: lineItems.map(({ unitPrice, ...item }) => ({ ...item, unit_price: unitPrice })),
  };
}

function chargeFromJson({ line_items: items, rate_card: rateCard, ...charge }: JsonObject): Charge {
  const lineItems = list(items).map((item) => {
    const { unit_price: unitPrice, ...rest } = object(item) ?? {};
    return { ...rest, unitPrice };
  });
  return { ...charge, rateCard, lineItems } as unknown as Charge;
}

/** The known entries under their other names. */
function renamed(fields: object, names: Readonly<Record<string, string>>): JsonObject {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => {
      const other = names[name];
      return other === undefined || value === undefined ? [] : [[other, value]];
    }),
  );
}

function swapped(names: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(names).map(([name, key]) => [key, name]));
}

/** Snake_case keys for a cost and its line items. */
export function costToJson(cost: Cost): JsonObject {
  const json: Record<string, unknown> = {};
  for (const [name, key] of Object.entries(COST_KEYS) as [keyof Cost, string][]) {
    const value = cost[name];
    if (name === 'lineItems')
      json[key] = cost.lineItems.map(({ meter, quantity, unitPrice, ...item }) => ({
        meter,
        quantity,
        unit_price: unitPrice,
        ...item,
      }));
    else if (name === 'price') json[key] = priceToJson(cost.price);
    else if (name === 'local') {
      if (cost.local !== undefined) json[key] = costToJson(cost.local);
    } else if (value !== undefined) json[key] = value;
  }
  return json;
}

function priceToJson(price: Cost['price']): JsonObject | null {
  if (price === undefined) return null;
  const { validFrom, validTo, ...rest } = price;
  return { ...rest, valid_from: validFrom ?? null, ...(validTo === undefined ? {} : { valid_to: validTo }) };
}

function costFromJson(json: JsonObject): Cost {
  const cost: Record<string, unknown> = {};
  for (const [name, key] of Object.entries(COST_KEYS)) {
    const value = json[key];
    if (value === undefined || value === null) continue;
    if (name === 'lineItems') {
      cost[name] = list(value).map((item) => {
        const { unit_price: unitPrice, ...rest } = object(item) ?? {};
        return { ...rest, unitPrice };
      });
    } else if (name === 'price') {
      const { valid_from: validFrom, valid_to: validTo, ...rest } = object(value) ?? {};
      cost[name] = { ...rest, ...(validFrom ? { validFrom } : {}), ...(validTo ? { validTo } : {}) };
    } else if (name === 'local') cost[name] = costFromJson(object(value) ?? {});
    else cost[name] = value;
  }
  return cost as unknown as Cost;
}

/** Dates become ISO text and BigInts decimal text, at any depth. */
function contextToJson(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (Array.isArray(value)) return value.map(contextToJson);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, contextToJson(inner)]));
  }
  return value;
}
