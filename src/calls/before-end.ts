import type { Span } from '@opentelemetry/api';
import { attempt } from '../base/attempt.ts';

/** Runs `action` when somebody ends `span`, once, and while it can still be written on. */
export function beforeEnd(span: Span, action: () => void): void {
  const { end } = span;
  let isEnding = false;
  span.end = function (this: Span, ...args) {
    if (!isEnding) {
      isEnding = true;
      attempt('complete a span', action);
    }
    return end.apply(this, args);
  };
}
