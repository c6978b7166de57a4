import type { Context, Span } from '@opentelemetry/api';
import type { Redactor } from '../attribution/attribution.ts';
import { ensureTrustBoundary } from '../attribution/baggage/trust-boundary.ts';
import { createRedactor, joinRedactor } from '../attribution/redact.ts';
import type { ResolveOptions } from '../attribution/resolve.ts';
import { completeFromMemory, showAttribution } from '../attribution/shown.ts';
import { type CopyToSpans, copyAttributionToSpan } from '../attribution/span-attributes.ts';
import { attempt } from '../base/attempt.ts';
import { fromEnvironment, isSdkDisabled } from '../base/environment.ts';
import { Budgets } from '../budgets/budgets.ts';
import { isHooksWorker } from '../base/preload.ts';
import { known } from '../base/read.ts';
import type { OpenCall, SettledCall } from '../calls/call.ts';
import { costOfCall } from '../calls/cost-of-call.ts';
import { joinMemory, listen } from '../calls/hub.ts';
import { createDelivery } from '../delivery/delivery.ts';
import type { Delivery } from '../delivery/sink.ts';
import { sightings } from '../instrumentations/sightings.ts';
import { type SpanAttributionOptions, withTelemetry } from '../dialects/span-attribution.ts';
import { SpanMeter } from '../dialects/span-meter.ts';
import { meterCall } from '../metering/meter.ts';
import type { Cost, PriceList } from '../pricing/price.ts';
import { defaultPriceList } from '../pricing/shipped/default-price-list.ts';
import { checkConfig, type CostSpanProcessorConfig, priceListsOf, resolveOptions } from './config.ts';
import { flushBeforeExit } from './end-of-process.ts';
import { EventCounts } from './event-counts.ts';
import { type GlobalCostMetrics, globalMetrics } from './global-metrics.ts';
import { type CostHealth, statusOf } from './health.ts';
import { ledgerPartsOf } from './ledger-parts.ts';
import { serviceInEnvironment, serviceOfSdk } from './service-name.ts';
import { spanRules } from './span-rules.ts';
import { checkSampler } from './sampler-check.ts';
import { checkSetUp } from './set-up-check.ts';
import { RequestWatch } from './unobserved-requests.ts';

/**
 * Turns every billable call of the process into one priced cost event and hands it to the sinks; and is an
 * OpenTelemetry span processor, so that it starts, flushes and stops with the SDK.
 *
 * It hears calls from the instrumentations directly, whether or not their spans are sampled, and reads the spans of
 * other instrumentations: a call that several of them see is one event. Several processors in one process are
 * independent: each resolves, redacts, prices and delivers by its own options.
 *
 * @example
 * const processor = new CostSpanProcessor({ sinks: [new SqliteLedger({ path: 'costs.db' })] });
 * new NodeSDK({ spanProcessors: [processor, new BatchSpanProcessor({ exporter })], instrumentations }).start();
 * @throws {ConfigError} for an option or a sink it cannot use.
 */
export class CostSpanProcessor {
  /** Limits and how far they are used: `await processor.budgets.status({ customer: 'acme' })`. */
  readonly budgets: Budgets;
  readonly #delivery: Delivery;
  readonly #spans: SpanMeter;
  readonly #prices: readonly PriceList[];
  readonly #resolve: ResolveOptions<OpenCall>;
  readonly #said: SpanAttributionOptions;
  readonly #redact: Redactor;
  readonly #service: string | undefined;
  readonly #serviceInEnvironment = serviceInEnvironment();
  readonly #copyToSpans: CopyToSpans | undefined;
  readonly #metrics: GlobalCostMetrics | undefined;
  readonly #counts = new EventCounts();
  readonly #requests: RequestWatch | undefined;
  /** What takes everything of this processor out of the process again. */
  #leaves: readonly (() => void)[] = [];
  #warm = false;
  #sawSetUp = false;

  constructor(config: CostSpanProcessorConfig = {}) {
    checkConfig(config);
    const { sinks = [], redact, select } = config;
    this.#prices = priceListsOf(config.prices);
    this.#resolve = resolveOptions(config);
    this.#said = known({ spanAttributes: config.spanAttributes, customerKey: config.customerKey });
    this.#redact = createRedactor(redact);
    this.#service = config.service;
    this.#copyToSpans = config.copyToSpans;
    this.#delivery = createDelivery(sinks, config.delivery);
    this.#metrics = globalMetrics(config.metrics, {
      sinks: () => this.#delivery.health(),
      budgets: () => this.budgets.recentStatus(),
    });
    const { memory, budgets: store } = ledgerPartsOf(sinks);
    this.#spans = new SpanMeter({
      show: (call) => this.#show(call),
      bill: (call) => {
        checkSampler({ seesThem: true });
        this.#meter(call);
      },
      ...this.#said,
      ...known({ takes: select, memory }),
    });
    const { budgets = fromEnvironment('COSTSPAN_BUDGETS'), notify, remoteLimits } = config;
    this.budgets = new Budgets({
      prices: this.#prices,
      atOnce: config.delivery === 'sync',
      isObserved: this.#metrics !== undefined,
      ...known({ budgets, notify, store, remoteLimits }),
    });
    if (isSdkDisabled() || isHooksWorker()) return;
    const requests = new RequestWatch((provider) => this.#counts.of(provider));
    this.#requests = requests;
    this.#leaves = [
      () => requests.stop(),
      billAtExit(() => {
        this.#spans.flush();
        this.budgets.drain();
      }),
      flushBeforeExit(
        () => this.#counts.totals.events,
        () => this.forceFlush(),
      ),
      listen({
        ...known({ takes: select }),
        show: (call) => {
          this.#spans.opened(call);
          return this.#show(call);
        },
        complete: (kept) => completeFromMemory(kept, this.#resolve, this.#redact),
        redact: this.#redact,
        ...spanRules(config),
        admit: (call) => this.budgets.admit(call),
        record: (call) => this.#record(call),
        quote: (call) => costOfCall(call, this.#prices),
      }),
      ...(redact === undefined ? [] : [joinRedactor(this.#redact)]),
      ...(memory === undefined ? [] : [joinMemory(memory)]),
    ];
    ensureTrustBoundary();
    // The tracer provider is usually registered right after.
    setImmediate(() => attempt('look at the sampler', checkSampler)).unref();
  }

  /** Part of OpenTelemetry's `SpanProcessor`. */
  onStart(span: Span, parentContext: Context): void {
    if (!this.#isListening()) return;
    attempt('complete a span', () => {
      if (!this.#sawSetUp) checkSetUp(span, this);
      this.#sawSetUp = true;
      this.#spans.started(span, parentContext);
      if (this.#copyToSpans !== undefined) copyAttributionToSpan(span, parentContext, this.#copyToSpans);
    });
  }

  /** Part of OpenTelemetry's `SpanProcessor`: costs are on the span before it ends. */
  onEnding(_span: unknown): void {}

  /** Part of OpenTelemetry's `SpanProcessor`: a span of another instrumentation may become an event. */
  onEnd(span: unknown): void {
    if (this.#isListening()) attempt('read a span', () => this.#spans.ended(span));
  }

  /** Hands every settled call to the sinks before it resolves. */
  async forceFlush(): Promise<void> {
    this.#spans.flush();
    await this.budgets.flush();
    await this.#delivery.forceFlush();
  }

  /**
   * Stops listening, counts calls that are still under way by what is known of them, delivers what is left within
   * the deadline, and shuts the sinks down. Nothing of the processor is left in the process.
   */
  async shutdown(): Promise<void> {
    for (const leave of this.#leaves) leave();
    this.#leaves = [];
    this.#spans.flush();
    await this.budgets.shutdown();
    await this.#delivery.shutdown();
    this.#metrics?.stop();
  }

  /** The truth about metering and delivery, for a health endpoint. */
  health(): CostHealth {
    const sinks = this.#delivery.health();
    const instrumentations = sightings();
    const unobserved = this.#requests?.unobserved() ?? [];
    const budgets = this.budgets.state;
    const status = statusOf(sinks, instrumentations, unobserved, budgets);
    return {
      status,
      sinks,
      ...this.#counts.totals,
      suppressed: this.#spans.suppressed,
      instrumentations,
      unobserved,
      budgets,
    };
  }

  /** Not after `shutdown`, and never where `OTEL_SDK_DISABLED` is true. */
  #isListening(): boolean {
    return this.#leaves.length > 0;
  }

  #show(call: OpenCall): ReturnType<typeof showAttribution> {
    this.#warmUp();
    return showAttribution(withTelemetry(call, this.#said), this.#resolve, this.#redact);
  }

  /** Loads the price catalogue while the first call is under way: not at start-up, and not when its reply arrives. */
  #warmUp(): void {
    if (this.#warm) return;
    this.#warm = true;
    setImmediate(() => defaultPriceList.name);
  }

  #record(call: SettledCall): Cost {
    const cost = this.#meter(call);
    attempt('match a call with spans', () => this.#spans.heard(call));
    return cost;
  }

  #meter(call: SettledCall): Cost {
    const event = meterCall(call, {
      prices: this.#prices,
      ...known({ service: this.#service ?? serviceOfSdk() ?? this.#serviceInEnvironment }),
    });
    this.#counts.count(event, call);
    this.#metrics?.record(event);
    this.#delivery.accept(event, { persist: call.attribution.persist });
    this.budgets.settle(call, event);
    return event.cost;
  }
}

/** What waits is billed also when the process is told to exit: before whoever writes out, at the end, what was billed. */
function billAtExit(flush: () => void): () => void {
  const atExit = (): void => attempt('bill what waits', flush);
  process.prependListener('exit', atExit);
  return () => process.removeListener('exit', atExit);
}
