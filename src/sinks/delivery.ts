import { diag } from '@opentelemetry/api';
import type { CostEvent } from '../metering/cost-event.ts';
import type { CostEventSink, Delivery } from '../metering/sink.ts';

/** Hands every event to every sink as it comes; a sink that fails harms no other. */
export function createDelivery({ sinks }: { readonly sinks: readonly CostEventSink[] }): Delivery {
  const settle = async (work: readonly (void | Promise<void> | undefined)[]): Promise<void> => {
    await Promise.allSettled(work.map((each) => Promise.resolve(each)));
  };
  return {
    accept: (event) => sinks.forEach((sink) => offer(sink, event)),
    forceFlush: () => settle(sinks.map((sink) => sink.flush?.())),
    shutdown: () => settle(sinks.map((sink) => sink.shutdown?.())),
    health: () => [],
  };
}

function offer(sink: CostEventSink, event: CostEvent): void {
  const failed = (error: unknown): void => diag.error(`costspan: sink ${sink.name ?? 'sink'} failed`, error);
  try {
    Promise.resolve(sink.write([event])).catch(failed);
  } catch (error) {
    failed(error);
  }
}
