import { type JsonObject, text } from '../base/read.ts';
import type { Charge, Cost, LineItem, PriceInputs, PriceReference } from '../pricing/price.ts';
import { type Usage, type UsageJson, usageFromJson, usageToJson } from '../usage/usage.ts';
import { type Codec, type Fields, listOf, shape } from './codec.ts';
import type { CostEventFields } from './event-fields.ts';

const LINE_ITEM = shape<LineItem>({
  meter: 'meter',
  quantity: 'quantity',
  unitPrice: 'unit_price',
  per: 'per',
  amount: 'amount',
  multipliers: 'multipliers',
  model: 'model',
});

const PRICE = shape<PriceReference>({
  list: 'list',
  id: 'id',
  validFrom: { key: 'valid_from', always: true },
  validTo: 'valid_to',
});

/** The JSON form of a cost and its line items. */
const COST: Codec<Cost> = shape<Cost>({
  status: 'status',
  currency: 'currency',
  amount: 'amount',
  source: 'source',
  lineItems: { key: 'line_items', as: listOf(LINE_ITEM) },
  price: { key: 'price', as: PRICE, always: true },
  reason: 'reason',
  notes: 'notes',
  local: { key: 'local', as: { write: (cost) => COST.write(cost as Cost), read: (json) => COST.read(json) } },
});

const CHARGE = shape<Charge>({
  status: 'status',
  currency: 'currency',
  amount: 'amount',
  lineItems: { key: 'line_items', as: listOf(LINE_ITEM) },
  rateCard: 'rate_card',
  reason: 'reason',
});

const PRICE_INPUTS = shape<PriceInputs>({
  batch: 'batch',
  speed: 'speed',
  inferenceGeo: 'inference_geo',
  region: 'region',
  deploymentType: 'deployment_type',
  parameters: 'parameters',
});

const INSTANT: Codec = {
  write: (value) => (value as Date).toISOString(),
  read: (json) => new Date(text(json) ?? Number.NaN),
};

const USAGE: Codec = {
  write: (usage) => usageToJson(usage as Usage),
  read: (json) => usageFromJson(json as UsageJson),
};

/** The one mapping from camelCase fields to snake_case keys, in the order the JSON shows them. */
export const EVENT_FIELDS: Fields<CostEventFields> = {
  id: 'id',
  kind: 'kind',
  adjusts: 'adjusts',
  timestamp: { key: 'timestamp', as: INSTANT },
  durationMs: 'duration_ms',
  timeToFirstTokenMs: 'time_to_first_token_ms',
  customer: { key: 'customer', always: true, nullable: true },
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
  errorType: { key: 'error_type', always: true },
  finishReasons: { key: 'finish_reasons', always: true },
  retries: 'retries',
  usage: { key: 'usage', as: USAGE },
  usageRaw: { key: 'usage_raw', always: true },
  usageSource: 'usage_source',
  cost: { key: 'cost', as: COST },
  charge: { key: 'charge', as: CHARGE },
  priceInputs: { key: 'price_inputs', as: PRICE_INPUTS },
  traceId: 'trace_id',
  spanId: 'span_id',
  service: 'service',
};

export const EVENT: Codec<CostEventFields> = shape(EVENT_FIELDS);

/** Snake_case keys for a cost and its line items. */
export function costToJson(cost: Cost): JsonObject {
  return COST.write(cost) as JsonObject;
}
