import type { Attribution, AttributionContext, ContextValue } from '../attribution/attribution.ts';
import { ConfigError, describe } from '../base/errors.ts';
import { checkOptions } from '../base/options.ts';
import { type JsonObject, object, text } from '../base/read.ts';
import type { OpenCall } from '../calls/call.ts';
import { ATTRIBUTES } from '../usage/attributes.ts';
import { entriesBelow, jsonObject } from './entries.ts';

/**
 * Where other instrumentations keep for whom a call is. Names of span attributes; a name also reaches into an
 * attribute that holds JSON (`metadata.team`), and one that ends in `.*` stands for all attributes below it.
 *
 * `costspan.customer` and `costspan.context.<name>` are always read. Without `customer`, so is an entry named
 * `customer`, `customer_id` or `customerId` in a dialect's own metadata (`traceloop.association.properties.customer`,
 * `ai.telemetry.metadata.customer`, `langfuse.trace.metadata.customer`, …).
 *
 * @example
 * const spanAttributes: SpanAttributes = {
 *   customer: ['langfuse.user.id', 'user.id'],
 *   context: { session: ['session.id', 'langfuse.session.id'], feature: ['ai.telemetry.functionId'] },
 * };
 */
export interface SpanAttributes {
  /** The first that a span has names the customer. */
  readonly customer?: readonly string[];
  /** Context entries. In a list, an entry is named after the last segment of its attribute's name. */
  readonly context?: readonly string[] | Readonly<Record<string, readonly string[]>>;
}

/** How what spans say is read: `customerKey` names the entry of a framework's metadata that is the customer. */
export interface SpanAttributionOptions {
  readonly spanAttributes?: SpanAttributes;
  readonly customerKey?: string;
}

/** What the attributes of a span say about whom its call is for. */
export interface SpanAttribution {
  readonly customer?: string;
  readonly context: AttributionContext;
}

/** @throws {ConfigError} `spanAttributes.customer: expected a list of attribute names such as ['user.id'], got 'user.id'.` */
export function checkSpanAttributes(where: string, given: SpanAttributes | undefined): void {
  if (given === undefined) return;
  checkOptions(`${where}: spanAttributes`, given, ['customer', 'context']);
  if (given.customer !== undefined) checkNames(`${where}: spanAttributes.customer`, given.customer);
  const { context } = given;
  if (context === undefined || isNames(context)) return;
  if (object(context) === undefined) checkNames(`${where}: spanAttributes.context`, context);
  for (const [name, names] of Object.entries(context))
    checkNames(`${where}: spanAttributes.context.${name}`, names);
}

/** `metadata` is where the span's dialect keeps what the application said. */
export function spanAttribution(
  attributes: JsonObject,
  metadata: JsonObject = {},
  { spanAttributes = {}, customerKey }: SpanAttributionOptions = {},
): SpanAttribution {
  const keys = customerKey === undefined ? DEFAULT_CUSTOMER : [ATTRIBUTES.customer, customerKey];
  const customer =
    textOf(attributes[ATTRIBUTES.customer]) ??
    (spanAttributes.customer === undefined ? undefined : first(attributes, spanAttributes.customer)) ??
    (spanAttributes.customer === undefined || customerKey !== undefined ? first(metadata, keys) : undefined);
  const context = {
    ...aiSdkContext(attributes, keys),
    ...contextOf(attributes, spanAttributes.context ?? []),
    ...contextValues(entriesBelow(metadata, ATTRIBUTES.contextPrefix)),
    ...contextValues(entriesBelow(attributes, ATTRIBUTES.contextPrefix)),
  };
  return customer === undefined ? { context } : { customer, context };
}

/** A call with what the telemetry around it says of whom it is for. */
export function withTelemetry<Call extends Pick<OpenCall, 'attribution' | 'telemetry'>>(
  call: Call,
  options: SpanAttributionOptions,
): Call {
  const { attribution, telemetry } = call;
  if (telemetry === undefined) return call;
  const said = spanAttribution(telemetry, entriesBelow(telemetry, AI_METADATA), options);
  return { ...call, attribution: completedBy(attribution, said) };
}

/** Our own baggage and scope come first; what a span says fills what they left open. */
export function completedBy(said: Attribution, span: SpanAttribution): Attribution {
  const context = { ...span.context, ...said.context };
  if (said.customer !== undefined || span.customer === undefined) return { ...said, context };
  return { ...said, customer: span.customer, source: 'span', context };
}

/** The AI SDK's `functionId` is the feature, and each entry of its metadata that is no customer an entry of its own. */
function aiSdkContext(attributes: JsonObject, customerKeys: readonly string[]): AttributionContext {
  const entries = Object.entries(contextValues(entriesBelow(attributes, AI_METADATA)));
  const feature = contextValue(attributes['ai.telemetry.functionId']);
  return {
    ...(feature === undefined ? {} : { feature }),
    ...Object.fromEntries(
      entries.filter(([name]) => !customerKeys.includes(name) && !name.startsWith(ATTRIBUTES.contextPrefix)),
    ),
  };
}

const AI_METADATA = 'ai.telemetry.metadata.';
const DEFAULT_CUSTOMER = [ATTRIBUTES.customer, 'customer', 'customer_id', 'customerId'];

function first(attributes: JsonObject, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = textOf(valueAt(attributes, name));
    if (value !== undefined) return value;
  }
  return undefined;
}

function contextOf(
  attributes: JsonObject,
  wanted: NonNullable<SpanAttributes['context']>,
): AttributionContext {
  const context: Record<string, ContextValue> = {};
  for (const [entry, names] of isNames(wanted) ? namedAfterThemselves(wanted) : Object.entries(wanted)) {
    for (const name of names) {
      if (name.endsWith('.*')) {
        Object.assign(context, contextValues(entriesBelow(attributes, name.slice(0, -1))));
        continue;
      }
      const value = contextValue(valueAt(attributes, name));
      if (value === undefined) continue;
      context[entry] = value;
      break;
    }
  }
  return context;
}

/** Each under the last segment of its own name. */
function namedAfterThemselves(names: readonly string[]): readonly (readonly [string, readonly string[]])[] {
  return names.map((name) => [name.split('.').at(-1) ?? name, [name]]);
}

/** The attribute itself, or what is at the rest of the name inside an attribute that holds an object. */
function valueAt(attributes: JsonObject, name: string): unknown {
  if (Object.hasOwn(attributes, name)) return attributes[name];
  for (let dot = name.lastIndexOf('.'); dot > 0; dot = name.lastIndexOf('.', dot - 1)) {
    const holder = jsonObject(attributes[name.slice(0, dot)]);
    if (holder !== undefined) return valueAt(holder, name.slice(dot + 1));
  }
  return undefined;
}

function contextValues(entries: JsonObject): AttributionContext {
  return Object.fromEntries(
    Object.entries(entries).flatMap(([name, given]) => {
      const value = contextValue(given);
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}

function contextValue(value: unknown): ContextValue | undefined {
  const isPlain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return isPlain && value !== '' ? value : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'number' ? String(value) : text(value);
}

function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string' && each !== '');
}

function checkNames(where: string, given: unknown): void {
  if (isNames(given)) return;
  throw new ConfigError(
    `${where}: expected a list of attribute names such as ['user.id'], got ${describe(given)}.`,
  );
}
