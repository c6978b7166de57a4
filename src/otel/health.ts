import type { BudgetsState } from '../budgets/budgets.ts';
import type { SinkHealth } from '../delivery/sink.ts';
import type { Suppression } from '../dialects/verdict.ts';
import type { SdkSighting } from '../instrumentations/sightings.ts';
import type { UnobservedRequests } from './unobserved-requests.ts';

/** How metering and delivery are doing. Counts are of this processor, since it was constructed. */
export interface CostHealth {
  /**
   * `failing`: something is not being kept or delivered and needs a person. `degraded`: it is late, or calls that
   * should be seen are not: an SDK that is not patched, requests to a provider that nothing observed.
   */
  readonly status: SinkHealth['status'];
  readonly sinks: readonly SinkHealth[];
  /** Cost events recorded. */
  readonly events: number;
  /** Of those, calls of models; the others came from `recordUsage`. */
  readonly calls: number;
  readonly unpriced: number;
  readonly unattributed: number;
  readonly estimated: number;
  /** Spans of other instrumentations that became no event of their own, by reason: another one bills their call. */
  readonly suppressed: Readonly<Partial<Record<Suppression, number>>>;
  /** The SDKs this process has met. */
  readonly instrumentations: readonly SdkSighting[];
  /** Billable requests that went to a provider and were not observed, by host. */
  readonly unobserved: readonly UnobservedRequests[];
  /** How the counters of the budgets are doing. */
  readonly budgets: BudgetsState;
}

/** The worst that any of the parts says. */
export function statusOf(
  sinks: readonly SinkHealth[],
  instrumentations: readonly SdkSighting[],
  unobserved: readonly UnobservedRequests[],
  budgets: BudgetsState,
): SinkHealth['status'] {
  const parts = [...sinks, budgets, ...(budgets.remote === undefined ? [] : [budgets.remote])];
  if (parts.some(({ status }) => status === 'failing')) return 'failing';
  const isBlind = instrumentations.some(({ version, patched }) => version !== undefined && !patched);
  return isBlind || unobserved.length > 0 || parts.some(({ status }) => status === 'degraded')
    ? 'degraded'
    : 'ok';
}
