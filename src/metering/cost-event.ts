import type { JsonObject } from '../base/read.ts';
import type { CostEventFields } from './event-fields.ts';
import { EVENT } from './event-json.ts';
import { frozenObject } from './frozen.ts';

export type { CostEventFields };

/** The version of the JSON form; readers refuse a higher one. */
export const SCHEMA_VERSION = 1;

/** One billable call, metered and priced; immutable. `toJSON()` gives the JSON form, schema version 1. */
export interface CostEvent extends CostEventFields {
  toJSON(): CostEventJson;
}

/** The JSON form: snake_case, money as decimal strings, absent facts as `null` or left out. */
export type CostEventJson = JsonObject & { readonly id: string; readonly schema_version: number };

/** Copies the fields into an event that nobody can change. */
export function createCostEvent(fields: CostEventFields): CostEvent {
  return frozenObject(fields, COST_EVENT);
}

/** Whether the value is an event that this copy of the package made. */
export function isCostEvent(value: unknown): value is CostEvent {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === COST_EVENT;
}

const COST_EVENT = Object.freeze({
  toJSON(this: CostEventFields): CostEventJson {
    const { id } = this;
    return { id, schema_version: SCHEMA_VERSION, ...(EVENT.write(this) as JsonObject) };
  },
});

/** Reads the JSON form back; unknown keys are ignored, a `null` is an absent fact. */
export function costEventFromJson(json: JsonObject): CostEvent {
  return createCostEvent(EVENT.read(json));
}
