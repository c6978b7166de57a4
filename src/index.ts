/**
 * The front door: every public name, in the order data flows. The ledgers have subpaths of their own
 * (`costspan/sqlite`), so that an unused one costs nothing.
 */

// Errors
export { ConfigError, CostspanError } from './errors.ts';

// What was consumed
export type { Usage, UsageIteration, UsageJson } from './usage/usage.ts';

// What it costs
export type {
  Charge,
  ChargeSubject,
  Cost,
  Decimal,
  LineItem,
  Multiplier,
  PriceList,
  PriceQuery,
  PriceReference,
  ReportedCost,
  ServiceQuantities,
} from './pricing/price.ts';
export { calculateCost, defaultPriceList } from './pricing/default-price-list.ts';
export { priceResponse, type PriceResponseOptions } from './price-response.ts';
export { priceUsage, type PriceUsageOptions } from './pricing/price-usage.ts';
export { estimateCost, type EstimateCostOptions } from './estimate-cost.ts';
export type { Estimate, EstimateOptions } from './pricing/estimate-call.ts';
export {
  findProviders,
  listModels,
  type ListedModel,
  type ModelPrices,
  readPrices,
} from './pricing/list-prices.ts';
export { userPrices } from './metering/user-prices.ts';
export type { UserPriceList, UserPricesOptions } from './pricing/user-prices.ts';
export type { PriceFile } from './pricing/price-file.ts';
export { calculateCharge, type ChargeOptions, marginOf } from './pricing/charge.ts';
export { type Rounding, roundDecimal, sumDecimals } from './pricing/money.ts';

// For whom
export type {
  Attribution,
  AttributionContext,
  AttributionSource,
  ContextValue,
} from './attribution/attribution.ts';
export {
  type CostContextOptions,
  currentAttribution,
  runWithAttribution,
  snapshotAttribution,
  updateCostContext,
  withCostContext,
  withCustomer,
  withoutTracking,
} from './attribution/scope.ts';
export { type AttributionCarrier, fromCarrier, toCarrier } from './attribution/carrier.ts';
export {
  attributeTo,
  type AttributionMiddleware,
  type ReadRequest,
  type RequestAttribution,
} from './attribution/attribute-to.ts';
export {
  CostBaggagePropagator,
  type CostBaggagePropagatorOptions,
} from './attribution/cost-baggage-propagator.ts';
export { type AttributionNames, configureAttributionNames } from './attribution/process-slot.ts';
export type { RedactOptions } from './attribution/redact.ts';
export type { CopyToSpans } from './attribution/span-attributes.ts';

// What was called
export {
  OpenAIInstrumentation,
  type OpenAIInstrumentationConfig,
} from './providers/openai/instrumentation.ts';
export {
  AnthropicInstrumentation,
  type AnthropicInstrumentationConfig,
} from './providers/anthropic/instrumentation.ts';
export { attributeBatch, type BatchAttribution } from './providers/batch.ts';
export type { CallHints, OpenCall } from './providers/call.ts';

// One cost event
export type { CostEvent, CostEventFields, CostEventJson } from './metering/cost-event.ts';
export { costEventFromJson, SCHEMA_VERSION } from './metering/cost-event.ts';
export type { CostEventSink, SinkHealth } from './metering/sink.ts';
export { costSampler, type WrappedSampler } from './metering/cost-sampler.ts';
export type { CostMetricsOptions } from './metering/metrics.ts';
export { type CostHealth, CostSpanProcessor, type CostSpanProcessorConfig } from './cost-span-processor.ts';
export { CostSpanExporter } from './cost-span-exporter.ts';
export { type RecordedUsage, recordUsage } from './record-usage.ts';

// Kept and delivered
export type { CallMemory, CostLedger, CostQuery, CostRow, Dimension, EventFilter } from './ledger/ledger.ts';
export type { DeliveryConfig } from './sinks/delivery.ts';
export { HttpSink, type HttpSinkOptions } from './sinks/http.ts';
export { JsonlSink, type JsonlSinkOptions } from './sinks/jsonl.ts';
export { MemorySink } from './sinks/memory.ts';
export { OTLPLogSink, type OTLPLogSinkOptions } from './sinks/otlp-log.ts';
export { SinkError, type SinkErrorDetails } from './sinks/sink-error.ts';
