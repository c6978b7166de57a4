import type { CostSpanProcessorConfig } from './config.ts';
import { CostSpanProcessor } from './cost-span-processor.ts';
import type { CostHealth } from './health.ts';
import { ConfigError, describe } from '../base/errors.ts';
import { object } from '../base/read.ts';

/** The part of OpenTelemetry's `SpanExporter` that is wrapped. */
export interface WrappedSpanExporter<Span, Result> {
  export(spans: Span[], resultCallback: (result: Result) => void): void;
  forceFlush?(): Promise<void>;
  shutdown(): Promise<void>;
}

/**
 * The same meter as `CostSpanProcessor`, as a wrapper around the exporter an application already has: for
 * set-ups that only take a `traceExporter`. The spans go to the delegate as they are.
 *
 * @example
 * new NodeSDK({
 *   traceExporter: new CostSpanExporter(new OTLPTraceExporter(), { sinks: [new SqliteLedger({ path: 'costs.db' })] }),
 *   instrumentations: [new OpenAIInstrumentation()],
 * }).start();
 * @throws {ConfigError} for an option, a sink or a delegate it cannot use.
 */
export class CostSpanExporter<Span = never, Result = never> {
  readonly #delegate: WrappedSpanExporter<Span, Result>;
  readonly #processor: CostSpanProcessor;

  constructor(delegate: WrappedSpanExporter<Span, Result>, config: CostSpanProcessorConfig = {}) {
    if (typeof object(delegate)?.export !== 'function') {
      throw new ConfigError(
        `new CostSpanExporter: the first argument must be a span exporter, got ${describe(delegate)}. ` +
          'Example: new CostSpanExporter(new OTLPTraceExporter(), { sinks: [ledger] }).',
      );
    }
    this.#delegate = delegate;
    this.#processor = new CostSpanProcessor(config);
  }

  export(spans: Span[], resultCallback: (result: Result) => void): void {
    for (const span of spans) this.#processor.onEnd(span);
    this.#delegate.export(spans, resultCallback);
  }

  /** Flushes events and spans; one that fails does not keep the other from being flushed. */
  async forceFlush(): Promise<void> {
    await settleAll([this.#processor.forceFlush(), this.#delegate.forceFlush?.()]);
  }

  async shutdown(): Promise<void> {
    await settleAll([this.#processor.shutdown(), this.#delegate.shutdown()]);
  }

  /** See `CostSpanProcessor.health`. */
  health(): CostHealth {
    return this.#processor.health();
  }
}

/** Waits for all, then fails with the first failure. */
async function settleAll(work: readonly (Promise<void> | undefined)[]): Promise<void> {
  const results = await Promise.allSettled(work.map((each) => Promise.resolve(each)));
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}
