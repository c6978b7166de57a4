import { warnOnce } from '../base/warn-once.ts';
import type { Attribution, AttributionContext } from './attribution.ts';
import { readCustomer } from './customer.ts';

/** What completes an attribution that the scope left open. */
export interface ResolveOptions<Call> {
  /**
   * Names the customer of a call that nobody claimed, from what the application already sends: OpenAI's `user` or
   * `safety_identifier`, Anthropic's `metadata.user_id`. `null` = explicitly nobody, `undefined` = does not know.
   * Called in the request path, at once; a promise is no answer, and what it throws is no answer either.
   */
  readonly resolveCustomer?: (call: Call) => string | null | undefined;
  /** Who pays for calls that nobody claimed. Default: they stay unattributed. */
  readonly defaultCustomer?: string;
  /** Context of every call of the process: `service`, `environment`, `app_version`. A scope's own value wins. */
  readonly staticContext?: AttributionContext;
}

/**
 * Completes what scope, baggage and trusted inbound said: then the resolver, then the default; static context lies
 * under everything. Never throws.
 */
export function resolveAttribution<Call>(
  said: Attribution,
  call: Call,
  { resolveCustomer, defaultCustomer, staticContext }: ResolveOptions<Call>,
): Attribution {
  const context =
    staticContext === undefined ? said.context : Object.freeze({ ...staticContext, ...said.context });
  if (said.customer !== undefined) return Object.freeze({ ...said, context });
  const customer = askResolver(resolveCustomer, call);
  if (customer !== undefined) return Object.freeze({ ...said, customer, source: 'resolver', context });
  if (defaultCustomer !== undefined) {
    return Object.freeze({ ...said, customer: defaultCustomer, source: 'default', context });
  }
  return Object.freeze({ ...said, context });
}

function askResolver<Call>(
  resolve: ResolveOptions<Call>['resolveCustomer'],
  call: Call,
): string | null | undefined {
  try {
    const customer: unknown = resolve?.(call);
    // Nobody waits for a promise, so nobody else would catch what it rejects with.
    if (customer instanceof Promise) customer.catch(() => undefined);
    return readCustomer(customer);
  } catch (error) {
    warnOnce('resolveCustomer threw; the call stays unattributed.', error);
    return undefined;
  }
}
