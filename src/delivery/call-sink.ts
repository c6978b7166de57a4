import { context, createContextKey, ROOT_CONTEXT } from '@opentelemetry/api';
import { isPromise, type MaybePromise } from '../base/promises.ts';
import type { CostEvent } from '../metering/cost-event.ts';
import type { CostEventSink } from './sink.ts';
import { type Verdict, verdictOf } from './verdict.ts';

/** The key under which OpenTelemetry's SDK looks whether to trace; the same symbol as in `@opentelemetry/core`. */
const SUPPRESS_TRACING = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

/** Node treats a longer timeout as one of a millisecond. */
export const LONGEST_WAIT_MS: number = 2 ** 31 - 1;

/**
 * Offers events to a sink; undefined when it takes them. This is no request of the application's, so it runs without a
 * customer and without a trace. Never throws; a promise that does not settle in time is a failure.
 */
export function callSink(
  sink: CostEventSink,
  events: readonly CostEvent[],
  timeoutMs: number,
): MaybePromise<Verdict | undefined> {
  try {
    const written = context.with(ROOT_CONTEXT.setValue(SUPPRESS_TRACING, true), () => sink.write(events));
    if (!isPromise(written)) return undefined;
    return withTimeout(written, timeoutMs).then(() => undefined, verdictOf);
  } catch (error) {
    return verdictOf(error);
  }
}

function withTimeout(promise: Promise<void>, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = (): void => reject(new Error(`no answer within ${timeoutMs} ms`));
    const timer = setTimeout(late, Math.min(timeoutMs, LONGEST_WAIT_MS)).unref();
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
