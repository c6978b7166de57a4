import { ConfigError, describe } from '../base/errors.ts';
import { checkOptions } from '../base/options.ts';
import type { Attribution, AttributionSource, ContextInput, CustomerInput } from './attribution.ts';
import { attributionOf, updateAttribution, withAttribution } from './who-pays.ts';
import { callerContext, runInContext } from './caller-context.ts';
import { withRun } from './run-cost.ts';
import { copyContext, mergeInto } from './context-values.ts';
import { readCustomer } from './customer.ts';
import { object } from '../base/read.ts';
import { warnOnce } from '../base/warn-once.ts';

/**
 * Runs `fn` billed to `customer` and returns what `fn` returns, untouched. Everything `fn` starts is billed alike,
 * also after it returned: timers, streams, work it awaits.
 *
 * `undefined` inherits the customer of the outer scope, `null` bills explicitly nobody, numbers are kept as text.
 * `context` is merged into the context of the outer scope; an entry that is `undefined` takes the outer one away.
 *
 * @throws {ConfigError} when `fn` is not a function.
 * @example
 * const reply = await withCustomer('acme_corp', { feature: 'chat' }, () => client.responses.create(request));
 */
export function withCustomer<T>(customer: CustomerInput, fn: () => T): T;
export function withCustomer<T>(customer: CustomerInput, context: ContextInput | undefined, fn: () => T): T;
export function withCustomer<T>(
  customer: CustomerInput,
  ...rest: readonly [() => T] | readonly [ContextInput | undefined, () => T]
): T {
  const [context, fn] = rest.length === 1 ? [undefined, rest[0]] : rest;
  return inScope('withCustomer', fn, (outer) => {
    const inner = mergeContext(outer, context);
    const who = customerOf('withCustomer', customer);
    return who === undefined ? inner : Object.freeze({ ...inner, customer: who, source: 'scope' });
  });
}

/** How the calls of a scope are kept. */
export interface CostContextOptions {
  /** `false`: callbacks hear of the events, ledgers do not keep them. Default: as the outer scope. */
  readonly persist?: boolean;
}

/**
 * Merges `context` into the context of every call made inside `fn`; the inner value wins, and the outer one is back
 * when `fn` ends or throws. Dates and BigInts are kept as text, nested objects as they are. An entry that is
 * `undefined` takes the outer one away for the length of the scope; `null` is a value like any other.
 *
 * @throws {ConfigError} when `fn` is not a function.
 * @example
 * await withCostContext({ feature: 'summary', attempt: 2 }, () => summarise(page));
 */
export function withCostContext<T>(context: ContextInput | undefined, fn: () => T): T;
export function withCostContext<T>(
  context: ContextInput | undefined,
  options: CostContextOptions | undefined,
  fn: () => T,
): T;
export function withCostContext<T>(
  context: ContextInput | undefined,
  ...rest: readonly [() => T] | readonly [CostContextOptions | undefined, () => T]
): T {
  const [options, fn] = rest.length === 1 ? [undefined, rest[0]] : rest;
  warnOfUnknownOptions(options);
  return inScope('withCostContext', fn, (outer) => {
    const inner = mergeContext(outer, context);
    return typeof options?.persist === 'boolean'
      ? Object.freeze({ ...inner, persist: options.persist })
      : inner;
  });
}

/**
 * Merges `context` into the current scope, for the rest of that scope only: scopes around it and scopes already open
 * inside it keep theirs. Outside every scope there is nothing to change; `diag` says so.
 *
 * @example
 * await withCustomer('acme_corp', async () => {
 *   const intent = await classify(question);
 *   updateCostContext({ intent });
 *   return answer(question); // billed with { intent }
 * });
 */
export function updateCostContext(context: ContextInput | undefined): void {
  if (!updateAttribution(callerContext(), (current) => mergeContext(current, context))) {
    warnOnce('updateCostContext was called outside withCustomer and withCostContext, and changed nothing.');
  }
}

/**
 * Runs `fn` without recording its calls: no cost event; the trace stays.
 *
 * @throws {ConfigError} when `fn` is not a function.
 * @example
 * await withoutTracking(() => client.models.retrieve('gpt-4o'));
 */
export function withoutTracking<T>(fn: () => T): T {
  return inScope('withoutTracking', fn, (outer) => Object.freeze({ ...outer, tracked: false }));
}

/**
 * For whom a call made here would be, and in which context.
 *
 * @example
 * withCustomer('acme_corp', () => currentAttribution().customer); // 'acme_corp'
 */
export function currentAttribution(): Attribution {
  return attributionOf(callerContext());
}

/**
 * Keeps the attribution of this moment for work that is resumed elsewhere: an async generator's body, an event
 * emitter's handler, a worker pool.
 *
 * @example
 * const attribution = snapshotAttribution();
 * emitter.on('question', (question) => runWithAttribution(attribution, () => answer(question)));
 */
export function snapshotAttribution(): Attribution {
  return currentAttribution();
}

/**
 * Runs `fn` with exactly this attribution, whatever the scope around says; the trace stays the current one. It comes
 * from `snapshotAttribution` or `fromCarrier`, or is written by hand: `{ customer: 'acme_corp' }`.
 *
 * @throws {ConfigError} when `fn` is not a function.
 * @example
 * runWithAttribution(snapshot, () => answer(question));
 */
export function runWithAttribution<T>(attribution: AttributionInput, fn: () => T): T {
  return inScope('runWithAttribution', fn, (outer) => completed(attribution) ?? outer);
}

/** An attribution written by hand; what is left out is as outside every scope. */
export interface AttributionInput {
  readonly customer?: CustomerInput;
  readonly context?: ContextInput | undefined;
  readonly source?: AttributionSource | undefined;
  readonly tracked?: boolean | undefined;
  readonly persist?: boolean | undefined;
}

/** With every field of an attribution; undefined, and a warning, when it is not one. */
function completed(given: unknown): Attribution | undefined {
  const said = object(given);
  if (said === undefined || !ATTRIBUTION_FIELDS.some((name) => name in said)) {
    warnOnce(
      `runWithAttribution expected an attribution such as { customer: 'acme_corp' }, got ${describe(given)}; ` +
        'the outer one stays. Read a carrier with fromCarrier(job.data) first.',
    );
    return undefined;
  }
  const customer = customerOf('runWithAttribution', said.customer);
  return Object.freeze({
    ...(customer === undefined ? {} : { customer, source: sourceOf(said.source) }),
    context: copyContext(said.context),
    tracked: said.tracked !== false,
    persist: said.persist !== false,
  });
}

const ATTRIBUTION_FIELDS = ['customer', 'context', 'tracked', 'persist'] as const;
const SOURCES = ['scope', 'baggage', 'inbound', 'span', 'resolver', 'default'] as const;

function sourceOf(given: unknown): AttributionSource {
  return SOURCES.find((source) => source === given) ?? 'scope';
}

function inScope<T>(name: string, fn: () => T, change: (outer: Attribution) => Attribution): T {
  if (typeof fn !== 'function') {
    throw new ConfigError(
      `${name}: expected the last argument to be the function to run, got ${describe(fn)}.`,
    );
  }
  const ctx = callerContext();
  return runInContext(withRun(withAttribution(ctx, change(attributionOf(ctx)))), fn);
}

/** In the request path a wrong option is told, not thrown. */
function warnOfUnknownOptions(options: unknown): void {
  try {
    checkOptions('withCostContext', options, ['persist']);
  } catch (error) {
    warnOnce(String(error));
  }
}

function mergeContext(outer: Attribution, context: unknown): Attribution {
  if (context === undefined) return outer;
  if (object(context) === undefined) {
    warnOnce(`expected the context to be an object such as { feature: 'chat' }, got ${describe(context)}.`);
    return outer;
  }
  return Object.freeze({ ...outer, context: mergeInto(outer.context, context) });
}

/** An empty id is a bug upstream and names nobody; in the request path that is told, not thrown. */
function customerOf(where: string, given: unknown): string | null | undefined {
  const customer = readCustomer(given);
  if (customer === undefined && given !== undefined) {
    warnOnce(
      `${where} expected the customer to be a non-empty string, a number, null or undefined, got ${describe(given)}; the outer customer stays.`,
    );
  }
  return customer;
}
