import type { ContextInput } from '../attribution/attribution.ts';
import { copyContext } from '../attribution/context-values.ts';
import type { RedactOptions } from '../attribution/redact.ts';
import type { ResolveOptions } from '../attribution/resolve.ts';
import type { CopyToSpans } from '../attribution/span-attributes.ts';
import { ConfigError, describe } from '../base/errors.ts';
import type { Budget } from '../budgets/budget.ts';
import { checkBudgets } from '../budgets/budgets.ts';
import type { NotifyTarget } from '../budgets/notify.ts';
import type { RemoteLimitsOptions } from '../budgets/remote-limits.ts';
import { checkKinds, checkOptions } from '../base/options.ts';
import { didYouMean } from '../base/spelling.ts';
import { known, object } from '../base/read.ts';
import type { OpenCall } from '../calls/call.ts';
import type { DeliveryConfig } from '../delivery/delivery.ts';
import type { CostEventSink } from '../delivery/sink.ts';
import { unfailingPrices } from '../metering/unfailing-prices.ts';
import type { PriceList } from '../pricing/price.ts';
import { defaultPriceList } from '../pricing/shipped/default-price-list.ts';
import { BACKENDS, type Backend } from './backend-attributes.ts';
import type { CostMetricsOptions } from './metrics.ts';
import type { SpanMode } from './span-placement.ts';
import { checkSpanAttributes, type SpanAttributes } from '../dialects/span-attribution.ts';

/** Options of `CostSpanProcessor`; each has a default that works. */
export interface CostSpanProcessorConfig {
  /** Where events go. A durable ledger among them is the outbox of the others. Default: nowhere; spans still carry the cost. */
  readonly sinks?: readonly CostEventSink[];
  /**
   * `sync`: sinks are served within the call's own end, for tests and short scripts. `batch` (default): shortly
   * after. An object sets the bounds as well: `{ mode: 'batch', maxAgeMs: 86_400_000 }`.
   */
  readonly delivery?: DeliveryConfig['mode'] | DeliveryConfig;
  /** Prices asked before the built-in list; the first that knows the model prices the call. */
  readonly prices?: PriceList | readonly PriceList[];
  /** `service.name` on the events. Default: `OTEL_SERVICE_NAME`, else that of the spans' resource. */
  readonly service?: string;
  /** Names the customer of a call that nobody claimed, from what the application already sends (`call.hints`). */
  readonly resolveCustomer?: (call: OpenCall) => string | null | undefined;
  /** Who pays for calls that nobody claimed. Default: they stay unattributed, and are counted. */
  readonly defaultCustomer?: string;
  /** Context of every call: `{ environment: 'production', app_version: '1.4.2' }`. A scope's own value wins. */
  readonly context?: ContextInput;
  /**
   * Drops, hashes or transforms context entries, and hashes the customer, before anything leaves the process. What
   * several processors share (a span, outbound baggage, what is remembered of a batch) is redacted by all of them.
   */
  readonly redact?: RedactOptions;
  /** Which calls are this processor's, where there are several; asked once, when the call is made. Default: all. */
  readonly select?: (call: OpenCall) => boolean;
  /**
   * Metrics on the application's meter provider: cost, usage, duration and the state of delivery. No series per
   * customer unless `{ customers: { top: 20 } }` or `{ customers: { allow: ['acme'] } }` asks for it; `false`: none.
   * Default: `{}` when `OTEL_METRICS_EXPORTER` or an `OTEL_EXPORTER_OTLP_…ENDPOINT` says where metrics go, else none.
   */
  readonly metrics?: CostMetricsOptions | false;
  /** Also writes customer and context on spans started inside a scope: those of model calls, or all. Default: neither. */
  readonly copyToSpans?: CopyToSpans;
  /** Where spans of other instrumentations say for whom a call is: `{ customer: ['user.id'], context: ['session.id'] }`. */
  readonly spanAttributes?: SpanAttributes;
  /**
   * The entry of a framework's telemetry metadata that names the customer: with `'tenant'`, the AI SDK's
   * `metadata: { tenant: 'acme' }`. Default: `customer`, `customer_id` or `customerId`.
   */
  readonly customerKey?: string;
  /**
   * Which spans show a call: one of our own (default), `enrich`: the model-call span of another instrumentation where
   * there is one, or `none`. Events and metrics are the same in each case.
   */
  readonly spans?: SpanMode;
  /**
   * Backends whose own attributes a call's span gets as well: user, session, tokens and cost under the names that
   * Langfuse, OpenInference (Phoenix, Arize) and Sentry read. The customer is their user; `session` in the context is
   * their session. Default: none.
   */
  readonly attributes?: readonly Backend[];
  /**
   * Limits, counted in the ledger among the sinks; those kept in the ledger itself count as well. A list, or the path of
   * a file such as `costspan.budgets.yaml`, which is read again when it changes. Default: the file that
   * `COSTSPAN_BUDGETS` names, else none.
   */
  readonly budgets?: readonly Budget[] | string;
  /** Who hears of thresholds: functions, and webhooks signed as Standard Webhooks. Default: nobody. */
  readonly notify?: readonly NotifyTarget[];
  /** Limits that are reached, from a signed token, for a process without access to the counters. Default: none. */
  readonly remoteLimits?: RemoteLimitsOptions;
}

const OPTIONS = [
  'sinks',
  'delivery',
  'prices',
  'service',
  'resolveCustomer',
  'defaultCustomer',
  'context',
  'redact',
  'select',
  'copyToSpans',
  'spans',
  'attributes',
  'metrics',
  'spanAttributes',
  'customerKey',
  'budgets',
  'notify',
  'remoteLimits',
] as const satisfies readonly (keyof CostSpanProcessorConfig)[];

/**
 * Refuses options that cannot be used.
 *
 * @throws {ConfigError} which says what was given and what was expected.
 */
export function checkConfig(config: CostSpanProcessorConfig): void {
  checkOptions(WHERE, config, OPTIONS);
  checkKinds(WHERE, config, {
    service: 'text',
    resolveCustomer: 'function',
    defaultCustomer: 'text',
    customerKey: 'text',
    context: 'object',
    select: 'function',
  });
  checkChoice('copyToSpans', config.copyToSpans, ['genai', 'all']);
  checkChoice('spans', config.spans, ['own', 'enrich', 'none']);
  checkBackends(config.attributes ?? []);
  checkSinks(config.sinks ?? []);
  checkSpanAttributes(WHERE, config.spanAttributes);
  checkBudgets(WHERE, config);
}

const WHERE = 'new CostSpanProcessor';

/** How the processor completes an attribution. */
export function resolveOptions({
  resolveCustomer,
  defaultCustomer,
  context,
}: CostSpanProcessorConfig): ResolveOptions<OpenCall> {
  return known({ resolveCustomer, defaultCustomer, staticContext: context && copyContext(context) });
}

/**
 * The price lists in the order they are asked: the user's own, then the built-in one.
 *
 * @throws {ConfigError} for what is no price list.
 */
export function priceListsOf(prices: CostSpanProcessorConfig['prices']): readonly PriceList[] {
  return [...listOf(prices).map(unfailingPrices), defaultPriceList];
}

function checkChoice(option: string, given: unknown, choices: readonly string[]): void {
  if (given === undefined || (choices as readonly unknown[]).includes(given)) return;
  const near = typeof given === 'string' ? didYouMean(given, choices) : '';
  throw new ConfigError(
    `${WHERE}: expected '${option}' to be one of ${choices.join(', ')}, got ${describe(given)}.${near}`,
  );
}

function checkBackends(given: unknown): void {
  if (!Array.isArray(given)) {
    throw new ConfigError(
      `${WHERE}: expected 'attributes' to be a list such as ['langfuse'], got ${describe(given)}.`,
    );
  }
  for (const each of given as readonly unknown[]) checkChoice('attributes', each ?? null, BACKENDS);
}

function checkSinks(sinks: unknown): void {
  if (!Array.isArray(sinks))
    throw new ConfigError(`new CostSpanProcessor: sinks must be an array, got ${describe(sinks)}.`);
  for (const sink of sinks as readonly unknown[]) {
    if (typeof object(sink)?.write === 'function') continue;
    throw new ConfigError(
      `new CostSpanProcessor: a sink needs a write(events) method, got ${describe(sink)}. ` +
        'Pass a ledger, one of the sinks of this package, or any object with `write`.',
    );
  }
}

function listOf(prices: CostSpanProcessorConfig['prices']): readonly PriceList[] {
  const lists = prices === undefined ? [] : Array.isArray(prices) ? prices : [prices];
  for (const each of lists as readonly unknown[]) {
    if (typeof object(each)?.price === 'function') continue;
    throw new ConfigError(
      `new CostSpanProcessor: expected 'prices' to be a price list or an array of them, got ${describe(each)}. ` +
        "Pass userPrices('costspan.prices.yaml'), defaultPriceList, or any object with a price(usage, query) method.",
    );
  }
  return lists as readonly PriceList[];
}
