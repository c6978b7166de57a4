import { ConfigError } from '../base/errors.ts';
import { known } from '../base/read.ts';
import { costEventFrom } from '../metering/check-event.ts';
import { type CostEvent, isCostEvent } from '../metering/cost-event.ts';

/** Tells events from what is none; in the request path all are events. */
export function sortedEvents(events: readonly CostEvent[]): {
  readonly good: readonly CostEvent[];
  readonly wrong?: ConfigError;
} {
  if (events.every(isCostEvent)) return { good: events };
  const good: CostEvent[] = [];
  let wrong: ConfigError | undefined;
  for (const event of events as readonly unknown[]) {
    try {
      good.push(costEventFrom(event));
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      wrong ??= error;
    }
  }
  return { good, ...known({ wrong }) };
}
