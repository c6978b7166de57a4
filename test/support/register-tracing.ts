import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { type SpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';

/** As an SDK does: globals that older copies of the API, which frameworks bring, find as well. */
export function registerTracing(spanProcessors: readonly object[] = []): void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(
    new TracerProvider({ spanProcessors: [...spanProcessors] as SpanProcessor[] }),
  );
}
