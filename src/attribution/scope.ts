import { checkOptions, ConfigError, describe } from '../errors.ts';
import type { Attribution, AttributionContext } from './attribution.ts';
import { attributionOf, updateAttribution, withAttribution } from './attribution-of.ts';
import { callerContext, runInContext } from './caller-context.ts';
import { copyContext } from './context-values.ts';
import { warnOnce } from './warn-once.ts';

/**
 * Runs `fn` billed to `customer` and returns what `fn` returns, untouched. Everything `fn` starts is billed alike,
 * also after it returned: timers, streams, work it awaits.
 *
 * `undefined` inherits the customer of the outer scope, `null` bills explicitly nobody. `context` is merged into the
 * context of the outer scope.
 *
 * @throws {ConfigError} when `fn` is not a function.
 * @example
 * const reply = await withCustomer('acme_corp', { feature: 'chat' }, () => client.responses.create(request));
 */
export function withCustomer<T>(customer: string | null | undefined, fn: () => T): T;
export function withCustomer<T>(
  customer: string | null | undefined,
  context: AttributionContext,
  fn: () => T,
): T;
export function withCustomer<T>(
  customer: string | null | undefined,
  ...rest: readonly [() => T] | readonly [AttributionContext, () => T]
): T {
  const [context, fn] = rest.length === 1 ? [undefined, rest[0]] : rest;
  return inScope('withCustomer', fn, (outer) => {
    const inner = context === undefined ? outer : mergeContext(outer, context);
    const who = readCustomer(customer);
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
 * when `fn` ends or throws. Dates and BigInts are kept as text, nested objects as they are.
 *
 * @throws {ConfigError} when `fn` is not a function.
 * @example
 * await withCostContext({ feature: 'summary', attempt: 2 }, () => summarise(document));
 */
export function withCostContext<T>(context: AttributionContext, fn: () => T): T;
export function withCostContext<T>(context: AttributionContext, options: CostContextOptions, fn: () => T): T;
export function withCostContext<T>(
  context: AttributionContext,
  ...rest: readonly [() => T] | readonly [CostContextOptions, () => T]
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
export function updateCostContext(context: AttributionContext): void {
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
 * Runs `fn` with exactly the attribution of the snapshot, whatever the scope around says; the trace stays the
 * current one.
 *
 * @throws {ConfigError} when `fn` is not a function.
 * @example
 * runWithAttribution(snapshot, () => answer(question));
 */
export function runWithAttribution<T>(snapshot: Attribution, fn: () => T): T {
  return inScope('runWithAttribution', fn, () => snapshot);
}

function inScope<T>(name: string, fn: () => T, change: (outer: Attribution) => Attribution): T {
  if (typeof fn !== 'function') {
    throw new ConfigError(
      `${name}: expected the last argument to be the function to run, got ${describe(fn)}.`,
    );
  }
  const ctx = callerContext();
  return runInContext(withAttribution(ctx, change(attributionOf(ctx))), fn);
}

/** In the request path a wrong option is told, not thrown. */
function warnOfUnknownOptions(options: unknown): void {
  try {
    checkOptions('withCostContext', options, ['persist']);
  } catch (error) {
    warnOnce(String(error));
  }
}

function mergeContext(outer: Attribution, context: AttributionContext): Attribution {
  if (typeof context !== 'object' || context === null) {
    warnOnce(`expected the context to be an object such as { feature: 'chat' }, got ${describe(context)}.`);
  }
  return Object.freeze({ ...outer, context: Object.freeze({ ...outer.context, ...copyContext(context) }) });
}

/** JavaScript callers pass database ids; an empty id is a bug upstream and names nobody. */
function readCustomer(customer: unknown): string | null | undefined {
  if (customer === undefined || customer === null) return customer;
  if (typeof customer === 'bigint') return String(customer);
  if (typeof customer === 'number' && Number.isFinite(customer)) return String(customer);
  if (typeof customer === 'string' && customer !== '') return customer;
  warnOnce(
    `withCustomer expected a non-empty string, null or undefined, got ${describe(customer)}; the outer customer stays.`,
  );
  return undefined;
}
