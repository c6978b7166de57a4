import { warnUnattributed } from '../calls/call-site.ts';
import type { SettledCall } from '../calls/call.ts';
import type { CostEvent } from '../metering/cost-event.ts';

/** Counts events for `health()`, and says at once what a person should know. */
export class EventCounts {
  readonly #totals = { events: 0, calls: 0, unpriced: 0, unattributed: 0, estimated: 0 };
  readonly #byProvider = new Map<string, number>();

  get totals(): Readonly<Record<'events' | 'calls' | 'unpriced' | 'unattributed' | 'estimated', number>> {
    return { ...this.#totals };
  }

  /** Events of a provider, from any source. */
  of(provider: string): number {
    return this.#byProvider.get(provider) ?? 0;
  }

  count(event: CostEvent, { consumed }: SettledCall): void {
    const totals = this.#totals;
    totals.events++;
    if (consumed.kind !== 'service') totals.calls++;
    this.#byProvider.set(event.provider, this.of(event.provider) + 1);
    if (event.cost.status === 'unpriced') totals.unpriced++;
    if (event.usageSource === 'estimated') totals.estimated++;
    if (event.attributionSource !== undefined) return;
    totals.unattributed++;
    warnUnattributed(event.callSite);
  }
}
