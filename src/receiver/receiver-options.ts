import { type RedactOptions } from '../attribution/redact.ts';
import type { ContextInput } from '../attribution/attribution.ts';
import { ConfigError, describe } from '../base/errors.ts';
import { checkKinds, checkOptions } from '../base/options.ts';
import { object } from '../base/read.ts';
import type { OpenCall } from '../calls/call.ts';
import { checkSpanAttributes, type SpanAttributes } from '../dialects/span-attribution.ts';
import { type DeliveryConfig } from '../delivery/delivery.ts';
import type { CostEventSink } from '../delivery/sink.ts';
import type { PriceList } from '../pricing/price.ts';

/** Options of `createOtlpReceiver`; only `sinks` is needed. */
export interface OtlpReceiverOptions {
  /** Where events go. A ledger among them is the outbox of the others, and what a request is acknowledged by. */
  readonly sinks: readonly CostEventSink[];
  /** Whoever sends must carry one of these as a bearer token. Default: nobody is asked. */
  readonly tokens?: readonly string[];
  /** The largest body, packed or unpacked, in bytes. Default: 16 MiB. */
  readonly maxBodyBytes?: number;
  /** The most requests in work at one time; more are told to come back. Default: 32. */
  readonly maxRequests?: number;
  /** Prices asked before the built-in list; the first that knows the model prices the call. */
  readonly prices?: PriceList | readonly PriceList[];
  /** Names the customer of a call whose span names nobody. */
  readonly resolveCustomer?: (call: OpenCall) => string | null | undefined;
  /** Who pays for calls whose spans name nobody. Default: they stay unattributed. */
  readonly defaultCustomer?: string;
  /** Context of every call. What a span says wins. */
  readonly context?: ContextInput;
  /** Drops, hashes or transforms context entries, and hashes the customer, before they are kept. */
  readonly redact?: RedactOptions;
  /** Where spans say for whom a call is, beside `costspan.customer` and `costspan.context.*`. */
  readonly spanAttributes?: SpanAttributes;
  readonly delivery?: DeliveryConfig['mode'] | DeliveryConfig;
  /** How long a framework's span waits for one nearer to the wire, in milliseconds. Default: 1000. */
  readonly windowMs?: number;
}

const OPTIONS = [
  'sinks',
  'tokens',
  'maxBodyBytes',
  'maxRequests',
  'prices',
  'resolveCustomer',
  'defaultCustomer',
  'context',
  'redact',
  'spanAttributes',
  'delivery',
  'windowMs',
] as const satisfies readonly (keyof OtlpReceiverOptions)[];
const WHERE = 'createOtlpReceiver';

/** @throws {ConfigError} for an option that is unknown or wrong, and where there is no sink. */
export function checkReceiverOptions(options: OtlpReceiverOptions): void {
  if (options === undefined)
    throw new ConfigError(`${WHERE}: expected options, such as { sinks: [ledger] }, got undefined.`);
  checkOptions(WHERE, options, OPTIONS);
  checkKinds(WHERE, options, {
    maxBodyBytes: 'positive',
    maxRequests: 'positive',
    windowMs: 'positive',
    resolveCustomer: 'function',
    defaultCustomer: 'text',
    context: 'object',
  });
  checkSpanAttributes(WHERE, options.spanAttributes);
  const { sinks, tokens = [] } = options as { readonly sinks: unknown; readonly tokens?: unknown };
  if (!Array.isArray(sinks) || sinks.length === 0)
    throw new ConfigError(`${WHERE}: sinks must be a list of at least one sink, got ${describe(sinks)}.`);
  for (const sink of sinks as readonly unknown[]) {
    if (typeof object(sink)?.write === 'function') continue;
    throw new ConfigError(`${WHERE}: a sink needs a write(events) method, got ${describe(sink)}.`);
  }
  const isTokens =
    Array.isArray(tokens) && tokens.every((token) => typeof token === 'string' && /^\S+$/.test(token));
  // Never the token itself in a message.
  if (!isTokens)
    throw new ConfigError(`${WHERE}: expected 'tokens' to be a list of non-empty words without spaces.`);
}

/** @throws {ConfigError} for what is no price list. */
export function priceListsOf(prices: OtlpReceiverOptions['prices']): readonly PriceList[] {
  const lists = prices === undefined ? [] : Array.isArray(prices) ? prices : [prices];
  for (const each of lists as readonly unknown[]) {
    if (typeof object(each)?.price === 'function') continue;
    throw new ConfigError(
      `${WHERE}: expected 'prices' to be a price list or an array of them, got ${describe(each)}.`,
    );
  }
  return lists as readonly PriceList[];
}
