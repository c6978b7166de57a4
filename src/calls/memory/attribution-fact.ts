import type { Attribution } from '../../attribution/attribution.ts';
import { fromMemory, type ShownAttribution } from '../../attribution/shown.ts';
import { fromCarrier, toCarrier } from '../../attribution/carrier.ts';
import { type JsonObject, known, object, text } from '../../base/read.ts';

/** Attribution as a part of what is remembered between calls. */
export function attributionToFact(attribution: ShownAttribution | undefined): JsonObject {
  if (attribution === undefined) return {};
  return { attribution: known({ ...toCarrier(attribution), source: attribution.source }) };
}

export function attributionFromFact(fact: JsonObject): ShownAttribution | undefined {
  const attribution = object(fact.attribution);
  if (attribution === undefined) return undefined;
  const { source: _, ...said } = fromCarrier(attribution);
  return fromMemory(known({ ...said, source: text(attribution.source) }) as Attribution);
}
