import type { Attributes, Context } from '@opentelemetry/api';
import { ATTRIBUTES } from '../usage/attributes.ts';
import type { Attribution } from './attribution.ts';
import { attributionOf } from './who-pays.ts';
import { redactByAll } from './redact.ts';

/** Which spans started inside a scope are given customer and context: those of model calls and agents, or all. */
export type CopyToSpans = 'genai' | 'all';

/** What is written on a span, whichever SDK made it. */
interface StartedSpan {
  setAttributes(attributes: Attributes): unknown;
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly instrumentationScope?: { readonly name?: string };
  /** The name of the same in SDK 1.x. */
  readonly instrumentationLibrary?: { readonly name?: string };
}

/**
 * For a span processor's `onStart`: copies customer and context onto the span, so that the tracing backend can filter
 * on them. A span is shared by all processors, so all of them redact what is written on it.
 */
export function copyAttributionToSpan(span: StartedSpan, parent: Context, mode: CopyToSpans): void {
  if (mode === 'genai' && !isGenAiSpan(span)) return;
  const attributes = attributionToAttributes(redactByAll(attributionOf(parent)));
  if (Object.keys(attributes).length > 0) span.setAttributes(attributes);
}

/** `costspan.customer` and `costspan.context.<name>`; what is no attribute value becomes JSON text. */
export function attributionToAttributes({ customer, context }: Attribution): Attributes {
  const attributes: Attributes = {};
  if (typeof customer === 'string') attributes[ATTRIBUTES.customer] = customer;
  for (const [name, value] of Object.entries(context)) {
    if (value === null) continue;
    attributes[ATTRIBUTES.contextPrefix + name] =
      typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
        ? value
        : JSON.stringify(value);
  }
  return attributes;
}

/** The dialects mark their spans when they start them, by attribute or by the name of their scope. */
function isGenAiSpan(span: StartedSpan): boolean {
  const scope = (span.instrumentationScope ?? span.instrumentationLibrary)?.name ?? '';
  return GENAI_SCOPE.test(scope) || saysGenAi(span.attributes ?? {});
}

/** Whether the attributes a span is started with are those of a model call, in the conventions or an older dialect. */
export function saysGenAi(attributes: object): boolean {
  for (const name in attributes) if (GENAI_ATTRIBUTE.test(name)) return true;
  return false;
}

const GENAI_ATTRIBUTE = /^(?:gen_ai|llm|ai|openinference|traceloop)\./;
const GENAI_SCOPE =
  /costspan|openai|anthropic|genai|gen_ai|bedrock|langchain|llm|openinference|traceloop|^ai$/i;
