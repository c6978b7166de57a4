import { trace } from '@opentelemetry/api';
import { object } from '../base/read.ts';
import { warnOnce } from '../base/warn-once.ts';
import { sightings } from '../instrumentations/sightings.ts';

/**
 * Says once that the tracer's sampler may drop spans that are the only trace of a model call: those of other
 * instrumentations. `seesThem`: such a span has become an event; else it is said where no instrumentation of ours is
 * there to hear calls without spans.
 */
export function checkSampler({ seesThem = false }: { readonly seesThem?: boolean } = {}): void {
  const sampler = samplerInUse();
  if (sampler === undefined || KEEPS_CALLS.test(sampler)) return;
  if (!seesThem && sightings().length > 0) return;
  warnOnce(
    `the sampler ${sampler} may drop spans of other instrumentations, and a model call whose span is dropped becomes ` +
      'no cost event. Wrap it: sampler: costSampler(…) records spans of model calls for the meter and exports no more than before. ' +
      "Or add this package's own instrumentations, which need no span.",
  );
}

/** Those that drop nothing, but for what a caller elsewhere has decided, and ours. */
const KEEPS_CALLS =
  /^(?:AlwaysOnSampler|ParentBased\{root=(?:AlwaysOnSampler|CostSampler)|CostSampler|AlwaysRecord)/;

/** The sampler's description; undefined when no SDK is there (2.x and 3.x keep it on their tracers). */
function samplerInUse(): string | undefined {
  const provider = trace.getTracerProvider() as { getDelegate?: () => typeof provider } & ReturnType<
    typeof trace.getTracerProvider
  >;
  const tracer = object((provider.getDelegate?.() ?? provider).getTracer('costspan'));
  const sampler = object(tracer?._sampler) as { toString: () => string } | undefined;
  return sampler?.toString().slice(0, 200);
}
