import type { CostEvent } from '../metering/cost-event.ts';
import type { EventJson } from './api.ts';

/** The JSON form of an event, by the names a page knows it. */
export function eventToJson(event: CostEvent): EventJson {
  return event.toJSON() as unknown as EventJson;
}
