import { type JsonObject, list, object } from '../base/read.ts';

/** Both directions between a value and its JSON form. */
export interface Codec<T = unknown> {
  write(value: T): unknown;
  read(json: unknown): T;
}

/** How one field stands in JSON: its key; how its value is written, when not as it is. */
interface Field {
  readonly key: string;
  readonly as?: Codec;
  /** An absent value is shown as `null`. */
  readonly always?: true;
  /** `null` is a value of its own, not an absent one. */
  readonly nullable?: true;
}

export type Fields<T> = { readonly [Name in keyof T]-?: string | Field };

/**
 * The codec of an object from one table, in the order its JSON shows the keys. Keys that are not in the table are left out in both
 * directions; `null` reads as absent.
 */
export function shape<T extends object>(table: Fields<T>): Codec<T> {
  const fields = Object.entries<string | Field>(table).map(([name, field]) => ({
    name,
    ...(typeof field === 'string' ? { key: field } : field),
  }));
  return {
    write(value) {
      const json: Record<string, unknown> = {};
      for (const { name, key, as, always } of fields) {
        const inner = (value as Record<string, unknown>)[name];
        if (inner !== undefined) json[key] = as === undefined ? inner : as.write(inner);
        else if (always === true) json[key] = null;
      }
      return json;
    },
    read(given) {
      const json: JsonObject = object(given) ?? {};
      const value: Record<string, unknown> = {};
      for (const { name, key, as, nullable } of fields) {
        const inner = json[key];
        if (inner === undefined || (inner === null && nullable !== true)) continue;
        value[name] = as === undefined || inner === null ? inner : as.read(inner);
      }
      return value as T;
    },
  };
}

/** Every item of a list alike. */
export function listOf<T>(item: Codec<T>): Codec<readonly T[]> {
  return {
    write: (values) => values.map((value) => item.write(value)),
    read: (json) => list(json).map((value) => item.read(value)),
  };
}
