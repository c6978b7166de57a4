import type { CallListener } from '../calls/hub.ts';
import { endAttributes, startAttributes } from './backend-attributes.ts';
import type { CostSpanProcessorConfig } from './config.ts';
import { placeSpan } from './span-placement.ts';

/** What the options say about the spans of calls; nothing where they say nothing, so that nobody is asked. */
export function spanRules({
  spans,
  attributes = [],
}: CostSpanProcessorConfig): Pick<CallListener, 'placeSpan' | 'spanAttributes'> {
  return {
    ...(spans === undefined ? {} : { placeSpan: (active) => placeSpan(spans, active) }),
    ...(attributes.length === 0
      ? {}
      : {
          spanAttributes: (call, cost) =>
            cost !== undefined && 'consumed' in call
              ? endAttributes(attributes, call, cost)
              : startAttributes(attributes, call),
        }),
  };
}
