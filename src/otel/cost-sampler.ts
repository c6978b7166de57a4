import { saysGenAi } from '../attribution/span-attributes.ts';
import type { Attributes, Context, Link, SpanKind } from '@opentelemetry/api';

/** The part of OpenTelemetry's `Sampler` that is wrapped. */
export interface WrappedSampler<Result extends { readonly decision: number }> {
  shouldSample(
    context: Context,
    traceId: string,
    spanName: string,
    spanKind: SpanKind,
    attributes: Attributes,
    links: Link[],
  ): Result;
  toString(): string;
}

/** `SamplingDecision.NOT_RECORD` and `RECORD` of OpenTelemetry's SDK, every major. */
const NOT_RECORD = 0;
const RECORD = 1;

/**
 * Lets the meter see the model calls of other instrumentations that `inner` would drop: such spans are recorded,
 * not sampled, so span processors hear them and nothing more is exported. Our own instrumentations do not need it.
 *
 * It knows a model call by the attributes the span is started with.
 *
 * @example
 * new NodeSDK({ sampler: costSampler(new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(0.1) })) });
 */
export function costSampler<Result extends { readonly decision: number }>(
  inner: WrappedSampler<Result>,
): WrappedSampler<Result> {
  return {
    shouldSample(context, traceId, spanName, spanKind, attributes, links) {
      const result = inner.shouldSample(context, traceId, spanName, spanKind, attributes, links);
      return result.decision === NOT_RECORD && saysGenAi(attributes)
        ? { ...result, decision: RECORD }
        : result;
    },
    toString: () => `CostSampler{${inner.toString()}}`,
  };
}
