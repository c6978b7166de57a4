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

/**
 * A number of the wire as exact plain decimal text, moved by `shift` decimal places: `decimal(1e-7)` is
 * `'0.0000001'`, `decimal(739000, -10)` is `'0.0000739'`. Takes decimal text as well. Undefined when it is none.
 *
 * A JSON number goes through its shortest text, so a provider's `0.00614` stays `0.00614`.
 */
export function decimal(value: unknown, shift = 0): string | undefined {
  if (typeof value === 'number' && !Number.isFinite(value)) return undefined;
  if (typeof value !== 'number' && typeof value !== 'string') return undefined;
  const parts = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(String(value).trim());
  if (parts === null) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = parts;
  const point = whole.length + Number(exponent) + shift;
  if (Math.abs(point) > 400) return undefined;
  const digits = (whole + fraction).padStart(whole.length + fraction.length + Math.max(0, -point), '0');
  const start = Math.max(0, point);
  const padded = digits.padEnd(start, '0');
  const integer = padded.slice(0, start).replace(/^0+(?=\d)/, '') || '0';
  const decimals = padded.slice(start).replace(/0+$/, '');
  if (/^0*$/.test(integer + decimals)) return '0';
  return sign + integer + (decimals === '' ? '' : `.${decimals}`);
}
