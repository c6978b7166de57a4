import { formatDecimal, multiply, parseDecimal, tenTo } from './decimal.ts';

/** Narrow readers for foreign data: what does not have the expected shape is absent, never a guess. */

export type JsonObject = { readonly [key: string]: unknown };

/** The value as a plain object, or undefined. */
export function object(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}

/** The value as a list; an empty one when it is none. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The value of JSON text, or undefined when it is none. */
export function jsonValue(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** A finite number ≥ 0, or undefined. Some hosts and every form send counts as decimal text: `'1000'` is 1000. */
export function count(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? value : undefined;
  return typeof value === 'string' && DECIMAL_TEXT.test(value) ? Number(value) : undefined;
}

const DECIMAL_TEXT = /^\d{1,15}(?:\.\d{1,9})?$/;

/** A non-empty string, or undefined. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The first count that is known among several spellings of the same field. */
export function firstCount(...values: readonly unknown[]): number | undefined {
  for (const value of values) {
    const number = count(value);
    if (number !== undefined) return number;
  }
  return undefined;
}

/** What `known` makes of `T`: required stays required; what may be undefined becomes optional. */
export type Known<T> = { [Key in keyof T as undefined extends T[Key] ? never : Key]: T[Key] } & {
  [Key in keyof T as undefined extends T[Key] ? Key : never]?: Exclude<T[Key], undefined>;
};

/**
 * The fields without those that are undefined, so that "unknown" stays absent under `exactOptionalPropertyTypes`. They
 * are taken over, not copied, where all are known: hand in a literal.
 */
export function known<T extends object>(fields: T): Known<T> {
  for (const key in fields) if (fields[key] === undefined) return knownOnly(fields);
  return fields;
}

function knownOnly<T extends object>(fields: T): Known<T> {
  const result: Partial<Record<keyof T, unknown>> = {};
  for (const key in fields) if (fields[key] !== undefined) result[key] = fields[key];
  return result as unknown as Known<T>;
}

/**
 * A number of the wire as exact plain decimal text, moved by `shift` decimal places: `decimal(1e-7)` is
 * `'0.0000001'`, `decimal(739000, -10)` is `'0.0000739'`. Takes decimal text as well. Undefined when it is none.
 *
 * A JSON number goes through its shortest text, so a provider's `0.00614` stays `0.00614`.
 */
export function decimal(value: unknown, shift = 0): string | undefined {
  if (typeof value !== 'number' && typeof value !== 'string') return undefined;
  const read = parseDecimal(String(value));
  return read === undefined ? undefined : formatDecimal(multiply(read, tenTo(shift)));
}
