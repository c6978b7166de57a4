import type { Context, Span } from '@opentelemetry/api';
import { diag } from './attribution/diag.ts';
import type { AttributionContext } from './attribution/attribution.ts';
import { warnUnattributed } from './attribution/call-site.ts';
import {
  createRedactor,
  type RedactOptions,
  type Redactor,
  redactOutboundBaggage,
} from './attribution/redact.ts';
import { resolveAttribution, type ResolveOptions } from './attribution/resolve-attribution.ts';
import { type CopyToSpans, copyAttributionToSpan } from './attribution/span-attributes.ts';
import { ensureTrustBoundary } from './attribution/trust-boundary.ts';
import { checkKinds, checkOptions, ConfigError, describe } from './errors.ts';
import type { CostEvent } from './metering/cost-event.ts';
import type { CostLedger } from './ledger/ledger.ts';
import { GlobalCostMetrics } from './metering/global-metrics.ts';
import { meterCall } from './metering/meter.ts';
import type { CostMetricsOptions } from './metering/metrics.ts';
import { checkSetUp } from './metering/set-up-check.ts';
import type { CostEventSink, Delivery, SinkHealth } from './metering/sink.ts';
import { unfailingPrices } from './metering/unfailing-prices.ts';
import { defaultPriceList } from './pricing/default-price-list.ts';
import type { Cost, PriceList } from './pricing/price.ts';
import type { OpenCall, SettledCall } from './providers/call.ts';
import { costOfCall } from './providers/cost-of-call.ts';
import { type CallListener, callHub, listen } from './providers/call-hub.ts';
import { createDelivery, type DeliveryConfig } from './sinks/delivery.ts';
import { known, list, object, text } from './usage/read.ts';

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
  readonly context?: AttributionContext;
  /** Drops, hashes or transforms context entries before anything leaves the process. */
  readonly redact?: RedactOptions;
  /**
   * Metrics on the application's meter provider: cost, usage, duration and the state of delivery. No series per
   * customer unless `{ customers: { top: 20 } }` or `{ customers: { allow: ['acme'] } }` asks for it; `false`: none.
   * Default: `{}` when `OTEL_METRICS_EXPORTER` or an `OTEL_EXPORTER_OTLP_…ENDPOINT` says where metrics go, else none.
   */
  readonly metrics?: CostMetricsOptions | false;
  /** Also writes customer and context on spans started inside a scope: those of model calls, or all. Default: neither. */
  readonly copyToSpans?: CopyToSpans;
}

/** How metering and delivery are doing. Counts are events since the processor was constructed. */
export interface CostHealth {
  /** `failing`: something is not being kept or delivered and needs a person. */
  readonly status: SinkHealth['status'];
  readonly sinks: readonly SinkHealth[];
  readonly events: number;
  readonly unpriced: number;
  readonly unattributed: number;
  readonly estimated: number;
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
  'copyToSpans',
  'metrics',
] as const satisfies readonly (keyof CostSpanProcessorConfig)[];

/**
 * Turns every billable call of the process into one priced cost event and hands it to the sinks; and is an
 * OpenTelemetry span processor, so that it starts, flushes and stops with the SDK.
 *
 * It hears calls from the instrumentations directly, whether or not their spans are sampled.
 *
 * @example
 * const processor = new CostSpanProcessor({ sinks: [new SqliteLedger({ path: 'costs.db' })] });
 * new NodeSDK({ spanProcessors: [processor, new BatchSpanProcessor({ exporter })], instrumentations }).start();
 * @throws {ConfigError} for an option or a sink it cannot use.
 */
export class CostSpanProcessor {
  readonly #sinks: readonly CostEventSink[];
  readonly #delivery: Delivery;
  #unkept: Delivery | undefined;
  readonly #prices: readonly PriceList[];
  readonly #leave: () => void;
  readonly #redact: Redactor;
  readonly #copyToSpans: CopyToSpans | undefined;
  readonly #metrics: GlobalCostMetrics | undefined;
  readonly #counts = { events: 0, unpriced: 0, unattributed: 0, estimated: 0 };
  #service: string | undefined;
  #warm = false;
  #sawSetUp = false;

  constructor(config: CostSpanProcessorConfig = {}) {
    checkOptions('new CostSpanProcessor', config, OPTIONS);
    checkKinds('new CostSpanProcessor', config, {
      service: 'text',
      resolveCustomer: 'function',
      defaultCustomer: 'text',
      context: 'object',
    });
    checkCopyToSpans(config.copyToSpans);
    const sinks = config.sinks ?? [];
    checkSinks(sinks);
    this.#sinks = sinks;
    this.#delivery = createDelivery(sinks, config.delivery);
    const metrics = config.metrics ?? (exportsMetrics() ? {} : false);
    if (metrics !== false) this.#metrics = new GlobalCostMetrics(metrics, () => this.#delivery.health());
    rememberIn(sinks);
    this.#prices = [...listOf(config.prices).map(unfailingPrices), defaultPriceList];
    this.#service = config.service ?? text(process.env['OTEL_SERVICE_NAME']);
    this.#redact = createRedactor(config.redact);
    if (config.redact !== undefined) redactOutboundBaggage(this.#redact);
    this.#copyToSpans = config.copyToSpans;
    const resolve = resolveOptions(config);
    const listener: CallListener = {
      attribute: (call) => {
        this.#warmUp();
        return this.#redact(resolveAttribution(call.attribution, call, resolve));
      },
      record: (call) => this.#record(call),
      quote: (call) => costOfCall(call, this.#prices),
    };
    this.#leave = listen(listener);
    ensureTrustBoundary();
  }

  /** Part of OpenTelemetry's `SpanProcessor`. */
  onStart(span: Span, parentContext: Context): void {
    try {
      if (!this.#sawSetUp) checkSetUp(span, this);
      this.#sawSetUp = true;
      this.#service ??= serviceOf(span);
      if (this.#copyToSpans !== undefined)
        copyAttributionToSpan(span, parentContext, this.#copyToSpans, this.#redact);
    } catch (error) {
      diag.error('costspan: a span could not be completed; the span itself is unharmed', error);
    }
  }

  /** Part of OpenTelemetry's `SpanProcessor`: costs are on the span before it ends. */
  onEnding(_span: unknown): void {}

  /** Part of OpenTelemetry's `SpanProcessor`. */
  onEnd(_span: unknown): void {}

  /** Hands every settled call to the sinks before it resolves. */
  async forceFlush(): Promise<void> {
    await Promise.all([this.#delivery.forceFlush(), this.#unkept?.forceFlush()]);
  }

  /**
   * Stops listening, counts calls that are still under way by what is known of them, delivers what is left within
   * the deadline, and shuts the sinks down.
   */
  async shutdown(): Promise<void> {
    this.#leave();
    await this.#unkept?.forceFlush();
    await this.#delivery.shutdown();
    this.#metrics?.stop();
  }

  /** The truth about metering and delivery, for a health endpoint. */
  health(): CostHealth {
    const sinks = this.#delivery.health();
    const worst = (['failing', 'degraded'] as const).find((status) =>
      sinks.some((sink) => sink.status === status),
    );
    return { status: worst ?? 'ok', sinks, ...this.#counts };
  }

  /** Loads the price catalogue while the first call is under way: not at start-up, and not when its reply arrives. */
  #warmUp(): void {
    if (this.#warm) return;
    this.#warm = true;
    setImmediate(() => defaultPriceList.name);
  }

  #record(call: SettledCall): Cost {
    const service = this.#service;
    const event = meterCall(call, {
      prices: this.#prices,
      ...(service === undefined ? {} : { service }),
    });
    this.#count(event);
    this.#metrics?.record(event);
    if (call.attribution.persist) this.#delivery.accept(event);
    else this.#callbacks().accept(event);
    return event.cost;
  }

  /** For events that callbacks hear of and no ledger keeps. */
  #callbacks(): Delivery {
    this.#unkept ??= createDelivery(
      this.#sinks.filter((sink) => !('query' in sink)),
      'sync',
    );
    return this.#unkept;
  }

  #count(event: CostEvent): void {
    this.#counts.events++;
    if (event.cost.status === 'unpriced') this.#counts.unpriced++;
    if (event.attributionSource === undefined) {
      this.#counts.unattributed++;
      warnUnattributed(event.callSite);
    }
    if (event.usageSource === 'estimated') this.#counts.estimated++;
  }
}

function resolveOptions({
  resolveCustomer,
  defaultCustomer,
  context,
}: CostSpanProcessorConfig): ResolveOptions<OpenCall> {
  return known({ resolveCustomer, defaultCustomer, staticContext: context });
}

/**
 * A NodeSDK that was told nothing exports metrics to localhost: with nobody there, the first one recorded would make
 * its shutdown last eight seconds (sdk-node 0.301).
 */
function exportsMetrics(): boolean {
  const { env } = process;
  const exporter = env['OTEL_METRICS_EXPORTER'];
  if (exporter !== undefined && exporter !== '') return exporter !== 'none';
  return Boolean(env['OTEL_EXPORTER_OTLP_ENDPOINT'] ?? env['OTEL_EXPORTER_OTLP_METRICS_ENDPOINT']);
}

/** The first ledger that can remember takes the place of the process's own memory, so that other processes know, too. */
function rememberIn(sinks: readonly CostEventSink[]): void {
  for (const sink of sinks) {
    const { memory } = sink as Partial<CostLedger>;
    if (memory === undefined) continue;
    callHub().memory = memory;
    return;
  }
}

function checkCopyToSpans(mode: unknown): void {
  if (mode === undefined || mode === 'genai' || mode === 'all') return;
  throw new ConfigError(
    `new CostSpanProcessor: expected 'copyToSpans' to be 'genai' or 'all', got ${describe(mode)}.`,
  );
}

function checkSinks(sinks: unknown): void {
  if (!Array.isArray(sinks))
    throw new ConfigError(`new CostSpanProcessor: sinks must be an array, got ${describe(sinks)}.`);
  for (const sink of sinks as readonly unknown[]) {
    if (typeof object(sink)?.['write'] === 'function') continue;
    throw new ConfigError(
      `new CostSpanProcessor: a sink needs a write(events) method, got ${describe(sink)}. ` +
        'Pass a ledger, one of the sinks of this package, or any object with `write`.',
    );
  }
}

function listOf(prices: CostSpanProcessorConfig['prices']): readonly PriceList[] {
  const lists = prices === undefined ? [] : Array.isArray(prices) ? prices : [prices];
  for (const each of lists as readonly unknown[]) {
    if (typeof object(each)?.['price'] === 'function') continue;
    throw new ConfigError(
      `new CostSpanProcessor: expected 'prices' to be a price list or an array of them, got ${describe(each)}. ` +
        "Pass userPrices('costspan.prices.yaml'), defaultPriceList, or any object with a price(usage, query) method.",
    );
  }
  return lists as readonly PriceList[];
}

/**
 * `service.name` of the resource a span belongs to. Asked without waking the warning that other attributes of
 * the resource are still being detected (SDK 2 and 3).
 */
function serviceOf(span: unknown): string | undefined {
  const resource = object(object(span)?.['resource']);
  const { getRawAttributes } = (resource ?? {}) as { getRawAttributes?: () => unknown };
  if (typeof getRawAttributes !== 'function') return text(object(resource?.['attributes'])?.['service.name']);
  const named = list(getRawAttributes.call(resource)).find((pair) => list(pair)[0] === 'service.name');
  return text(list(named)[1]);
}
