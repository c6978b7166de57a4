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

/** A finite number ≥ 0, or undefined: `null`, NaN, text and negative counts say nothing. */
export function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}

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

/** A copy without the fields that are undefined, so that "unknown" stays absent under `exactOptionalPropertyTypes`. */
export function known<T extends object>(fields: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  const result: Partial<Record<keyof T, unknown>> = {};
  for (const key of Object.keys(fields) as (keyof T)[]) {
    if (fields[key] !== undefined) result[key] = fields[key];
  }
  return result as { [Key in keyof T]?: Exclude<T[Key], undefined> };
}
