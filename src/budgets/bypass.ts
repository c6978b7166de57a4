import { createContextKey } from '@opentelemetry/api';
import { callerContext, runInContext } from '../attribution/caller-context.ts';
import { withCostContext } from '../attribution/scope.ts';
import { ConfigError, describe } from '../base/errors.ts';
import { checkOptions } from '../base/options.ts';

/**
 * Runs `fn` past every budget: nothing is refused, everything is counted. The reason is required and stands on each
 * event as the context entry `budget_bypass`, so that a bypass can be found and explained later.
 *
 * @returns what `fn` returns, untouched.
 * @throws {ConfigError} without a reason.
 * @example
 * await bypassBudgets(() => openai.chat.completions.create(request), { reason: 'incident 4711' });
 */
export function bypassBudgets<T>(fn: () => T, options: { readonly reason: string }): T {
  checkOptions('bypassBudgets', options, ['reason']);
  const reason: unknown = options?.reason;
  if (typeof reason !== 'string' || reason.trim() === '') {
    throw new ConfigError(
      `bypassBudgets: expected a reason such as { reason: 'incident 4711' }, got ${describe(reason)}.`,
    );
  }
  return withCostContext({ budget_bypass: reason }, () =>
    runInContext(callerContext().setValue(BYPASS, true), fn),
  );
}

/** Whether the running code asked to be let past every budget. */
export function isBypassed(): boolean {
  return callerContext().getValue(BYPASS) === true;
}

/** Private: a context entry of the name would be within anybody's reach. */
const BYPASS = createContextKey('costspan.budgets.bypass');
