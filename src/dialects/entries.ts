import { type JsonObject, jsonValue, object, text } from '../base/read.ts';

/** The attributes whose names start with `prefix`, under the rest of their names. */
export function entriesBelow(attributes: JsonObject, prefix: string): JsonObject {
  const entries: Record<string, unknown> = {};
  for (const name in attributes)
    if (name.startsWith(prefix)) entries[name.slice(prefix.length)] = attributes[name];
  return entries;
}

/** An object that an instrumentation wrote as JSON text, because attributes cannot hold one. */
export function jsonObject(value: unknown): JsonObject | undefined {
  const json = text(value);
  if (json === undefined || !json.startsWith('{') || json.length > MAX_JSON) return object(value);
  return object(jsonValue(json));
}

/** Usage and metadata are small; what is longer is content, which is none of our business. */
const MAX_JSON = 65_536;
