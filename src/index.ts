/**
 * The front door: every public name, in the order data flows. The ledgers have subpaths of their own
 * (`costspan/sqlite`), so that an unused one costs nothing.
 */
import './base/check-node.ts';

// Errors
export { ConfigError, CostspanError } from './base/errors.ts';

// What was consumed
export type { Usage, UsageIteration, UsageJson } from './usage/usage.ts';

// What it costs
export type {
  Charge,
  ChargeSubject,
  Cost,
  LineItem,
  Multiplier,
  PriceList,
  PriceQuery,
  PriceReference,
  ReportedCost,
  ServiceQuantities,
} from './pricing/price.ts';
export type { Decimal } from './base/decimal.ts';
export { calculateCost } from './pricing/calculate-cost.ts';
export { defaultPriceList } from './pricing/shipped/default-price-list.ts';
export { priceResponse, type PriceResponseOptions } from './wire/price-response.ts';
export { priceUsage, type PriceUsageOptions } from './pricing/price-usage.ts';
export { estimateCost, type EstimateCostOptions } from './wire/estimate-cost.ts';
export type { Estimate, EstimateOptions } from './pricing/estimate-call.ts';
export {
  findProviders,
  listModels,
  type ListedModel,
  type ModelPrices,
  type PriceCondition,
  readPrices,
} from './pricing/shipped/list-prices.ts';
export type { PriceSource, Rate, Rates } from './pricing/rate-card.ts';
export { userPrices } from './metering/user-prices.ts';
export type { UserPricesOptions } from './pricing/own/user-prices.ts';
export type { UserPriceList } from './charging/user-prices.ts';
export type { PriceFile } from './pricing/own/price-file.ts';
export { calculateCharge, type ChargeOptions, marginOf } from './charging/charge.ts';
export { type Rounding, roundDecimal, sumDecimals } from './base/decimal.ts';

// Who answers
export { type ProviderRegistration, registerProvider } from './wire/register-provider.ts';
export type { CostField, OutsideCounts, Provider } from './providers/provider.ts';
export type { SessionReading, Shape, Wire } from './wire/wire.ts';
export type {
  BatchLine,
  Endpoint,
  Reading,
  ReadingContext,
  RequestReading,
  StreamFormat,
  StreamReader,
} from './wire/reading.ts';

// For whom
export type {
  Attribution,
  AttributionContext,
  AttributionSource,
  ContextInput,
  ContextValue,
  CustomerInput,
} from './attribution/attribution.ts';
export {
  type AttributionInput,
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
} from './attribution/baggage/cost-baggage-propagator.ts';
export { type AttributionNames, configureAttributionNames } from './attribution/names.ts';
export type { RedactOptions } from './attribution/redact.ts';
export type { CopyToSpans } from './attribution/span-attributes.ts';

// What was called
export {
  OpenAIInstrumentation,
  type OpenAIInstrumentationConfig,
} from './instrumentations/openai/instrumentation.ts';
export {
  AnthropicInstrumentation,
  type AnthropicInstrumentationConfig,
} from './instrumentations/anthropic/instrumentation.ts';
export {
  GoogleGenAIInstrumentation,
  type GoogleGenAIInstrumentationConfig,
} from './instrumentations/google-genai/instrumentation.ts';
export {
  BedrockInstrumentation,
  type BedrockInstrumentationConfig,
} from './instrumentations/bedrock/instrumentation.ts';
export {
  ProviderFetchInstrumentation,
  type ProviderFetchInstrumentationConfig,
} from './instrumentations/fetch/provider-fetch-instrumentation.ts';
export { meterFetch, type MeterFetchOptions } from './instrumentations/fetch/meter-fetch.ts';
export { attributeBatch, type BatchAttribution } from './calls/memory/batches.ts';
export type { OpenCall } from './calls/call.ts';
export type { CallHints } from './wire/reading.ts';

// One cost event
export type { CostEvent, CostEventFields, CostEventJson } from './metering/cost-event.ts';
export { costEventFromJson, SCHEMA_VERSION } from './metering/cost-event.ts';
export type { CostEventSink, SinkHealth } from './delivery/sink.ts';
export { costSampler, type WrappedSampler } from './otel/cost-sampler.ts';
export type { CostMetricsOptions } from './otel/metrics.ts';
export { CostSpanProcessor } from './otel/cost-span-processor.ts';
export type { CostHealth } from './otel/health.ts';
export type { UnobservedRequests } from './otel/unobserved-requests.ts';
export type { SdkSighting } from './instrumentations/sightings.ts';
export type { CostSpanProcessorConfig } from './otel/config.ts';
export { costspanInstrumentations } from './instrumentations/all.ts';
export {
  startCostspan,
  type StartCostspanOptions,
  type StartedCostspan,
  type StartedInstrumentation,
} from './otel/start-costspan.ts';
export { CostSpanExporter } from './otel/cost-span-exporter.ts';
export type { SpanAttributes } from './dialects/span-attribution.ts';
export type { Suppression } from './dialects/verdict.ts';
export { type RecordedUsage, recordUsage } from './calls/record-usage.ts';
export { recordResponse, type RecordResponseOptions } from './calls/record-response.ts';
export type { RecordedFor } from './calls/recorded.ts';

// Limits
export {
  Budget,
  type BudgetAction,
  type BudgetMeasure,
  type BudgetMode,
  type BudgetOptions,
  type BudgetState,
} from './budgets/budget.ts';
export { BudgetExceededError, type BudgetRefusal } from './budgets/budget-exceeded-error.ts';
export type { BudgetedCall } from './budgets/budgeted-call.ts';
export { currentRunCost, type RunCost } from './attribution/run-cost.ts';
export { bypassBudgets } from './budgets/bypass.ts';
export { readBudgets } from './budgets/definition.ts';
export type { LimitTokenOptions } from './budgets/limit-token.ts';
export type { BudgetNotice } from './budgets/notice.ts';
export type { NotifyTarget, NotifyWebhook } from './budgets/notify.ts';
export type { RemoteLimitsOptions, RemoteLimitsState } from './budgets/remote-limits.ts';
export type { BudgetPeriod, CalendarPeriod, RollingPeriod } from './budgets/period.ts';
export { verifyWebhook, type VerifyWebhookOptions } from './budgets/webhook-signature.ts';

// Kept and delivered
export type { CallMemory, CostLedger, CostQuery, CostRow, Dimension, EventFilter } from './ledger/ledger.ts';
export type { DeliveryConfig } from './delivery/delivery.ts';
export { HttpSink, type HttpSinkOptions } from './sinks/http.ts';
export { JsonlSink, type JsonlSinkOptions } from './sinks/jsonl.ts';
export { MemorySink } from './sinks/memory.ts';
export { OTLPLogSink, type OTLPLogSinkOptions } from './sinks/otlp-log.ts';
export { SinkError, type SinkErrorDetails } from './delivery/sink-error.ts';
