import type { Attributes, Span } from '@opentelemetry/api';
import type { Cost } from '../pricing/price.ts';
import type { SettledCall, ShownOpenCall } from './call.ts';
import { callHub, type CallViews, guarded, type SpanPlacement } from './hub.ts';

/** Where the trace shows a call. The first listener with an opinion decides. */
export function placeSpan(views: CallViews, active: Span | undefined): SpanPlacement {
  for (const listener of callHub().listeners) {
    if (listener.placeSpan === undefined || views.of(listener) === undefined) continue;
    return guarded(() => listener.placeSpan?.(active)) ?? 'own';
  }
  return 'own';
}

/** What else the listeners want its span to say. */
export function spanAttributes(call: ShownOpenCall | SettledCall, views: CallViews, cost?: Cost): Attributes {
  const attributes: Attributes = {};
  for (const listener of callHub().listeners) {
    if (listener.spanAttributes === undefined || views.of(listener) === undefined) continue;
    Object.assign(
      attributes,
      guarded(() => listener.spanAttributes?.(call, cost)),
    );
  }
  return attributes;
}
