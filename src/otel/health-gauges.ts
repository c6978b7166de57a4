import type { Attributes, Meter } from '@opentelemetry/api';
import type { BudgetState } from '../budgets/budget.ts';
import type { SinkHealth } from '../delivery/sink.ts';

/** Shows how delivery is doing at each collection; returns the way to stop. */
export function observeDelivery(meter: Meter, health: () => readonly SinkHealth[]): () => void {
  const gauge = (name: string, description: string, unit?: string) =>
    meter.createObservableGauge(`costspan.delivery.${name}`, {
      description,
      ...(unit === undefined ? {} : { unit }),
    });
  const counter = (name: string, description: string) =>
    meter.createObservableCounter(`costspan.delivery.${name}`, { description });
  const pending = gauge('pending', 'Events accepted and not yet delivered');
  const oldest = gauge('oldest_pending_age', 'Age of the oldest of them', 's');
  const dead = gauge('dead', 'Events refused for good, kept as dead letters');
  const sent = counter('sent', 'Events delivered');
  const failed = counter('failed', 'Attempts that failed and are repeated');
  const dropped = counter('dropped', 'Events given up because a bound was reached');
  const all = [pending, oldest, dead, sent, failed, dropped];
  const observe: Parameters<Meter['addBatchObservableCallback']>[0] = (result) => {
    for (const sink of health()) {
      const attributes = { 'costspan.sink': sink.name };
      result.observe(pending, sink.pending, attributes);
      result.observe(oldest, (sink.oldestPendingAgeMs ?? 0) / 1000, attributes);
      result.observe(dead, sink.dead, attributes);
      result.observe(sent, sink.sent, attributes);
      result.observe(failed, sink.failed, attributes);
      result.observe(dropped, sink.dropped, attributes);
    }
  };
  meter.addBatchObservableCallback(observe, all);
  return () => meter.removeBatchObservableCallback(observe, all);
}

/**
 * Shows how far budgets are used at each collection: of scopes that share a series, the one that is used most.
 * `nameOf` says which customers have a series of their own.
 */
export function observeBudgets(
  meter: Meter,
  states: () => Promise<readonly BudgetState[]>,
  nameOf: (customer: string) => Attributes,
): () => void {
  const used = meter.createObservableGauge('costspan.budget.used', {
    unit: '1',
    description: 'How much of its limit a budget has used in its period: 0.8 is 80 %',
  });
  const observe: Parameters<typeof used.addCallback>[0] = async (result) => {
    const most = new Map<string, { readonly value: number; readonly attributes: Attributes }>();
    for (const { id, scope, percent } of await states()) {
      const { customer } = scope;
      const attributes = { 'costspan.budget.id': id, ...(customer === undefined ? {} : nameOf(customer)) };
      const series = JSON.stringify(attributes);
      const value = percent / 100;
      if (value >= (most.get(series)?.value ?? 0)) most.set(series, { value, attributes });
    }
    for (const { value, attributes } of most.values()) result.observe(value, attributes);
  };
  used.addCallback(observe);
  return () => used.removeCallback(observe);
}
