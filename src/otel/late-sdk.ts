import {
  type Context,
  type Span,
  type SpanOptions,
  trace,
  type Tracer,
  type TracerOptions,
  type TracerProvider,
} from '@opentelemetry/api';
import { attempt } from '../base/attempt.ts';

/**
 * A tracer provider that starts an SDK of its own with the first span, and only if nobody else has registered one by
 * then: an application that starts its own NodeSDK does so while it loads, before the first call, and a second one
 * would take its telemetry away.
 */
export class LateSdk implements TracerProvider {
  readonly #start: () => void;
  #decided = false;

  /** `start` registers a tracer provider; called at most once. */
  constructor(start: () => void) {
    this.#start = start;
  }

  getTracer(name: string, version?: string, options?: TracerOptions): Tracer {
    const tracer = (): Tracer => {
      this.#decide();
      return trace.getTracerProvider().getTracer(name, version, options);
    };
    return {
      startSpan: (spanName: string, given?: SpanOptions, context?: Context): Span =>
        tracer().startSpan(spanName, given, context),
      startActiveSpan: ((...args: Parameters<Tracer['startActiveSpan']>) =>
        tracer().startActiveSpan(...args)) as Tracer['startActiveSpan'],
    };
  }

  #decide(): void {
    if (this.#decided) return;
    this.#decided = true;
    if (!isProviderRegistered()) attempt('start an OpenTelemetry SDK', this.#start);
  }
}

/** Where every copy of `@opentelemetry/api` 1.x keeps what was registered. */
const API = Symbol.for('opentelemetry.js.api.1');

export function isProviderRegistered(): boolean {
  return (globalThis as { [API]?: { readonly trace?: unknown } })[API]?.trace !== undefined;
}
