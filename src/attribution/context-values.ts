import type { AttributionContext, ContextValue } from './attribution.ts';

/**
 * A frozen copy of what the application gave, in values that survive JSON unchanged: Dates as ISO text, BigInts and
 * non-finite numbers as text, objects and lists copied at any depth. What has no such form (functions, symbols,
 * `undefined`, a getter that throws, a circle) is left out. Never throws.
 */
export function copyContext(given: unknown): AttributionContext {
  const copied = copyValue(given, []);
  return typeof copied === 'object' && copied !== null && !Array.isArray(copied)
    ? (copied as AttributionContext)
    : NOTHING;
}

const NOTHING: AttributionContext = Object.freeze({});

/** Deeper than any context that means something, and shallow enough to stop runaway structures. */
const MAX_DEPTH = 16;

function copyValue(value: unknown, ancestors: readonly object[]): ContextValue | undefined {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value + 0 : String(value); // + 0: JSON has no -0
    case 'bigint':
      return value.toString();
    case 'object':
      return value === null ? null : copyObject(value, ancestors);
    default:
      return undefined;
  }
}

function copyObject(value: object, ancestors: readonly object[]): ContextValue | undefined {
  if (ancestors.includes(value) || ancestors.length >= MAX_DEPTH) return undefined;
  const path = [...ancestors, value];
  try {
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
    if (Array.isArray(value)) return Object.freeze(value.map((item) => copyValue(item, path) ?? null));
    if ('toJSON' in value && typeof value.toJSON === 'function') return copyValue(value.toJSON(), path);
    return Object.freeze(Object.fromEntries(copyEntries(value, path)));
  } catch {
    return undefined;
  }
}

function* copyEntries(value: object, path: readonly object[]): Generator<[string, ContextValue]> {
  for (const key of Object.keys(value)) {
    const copied = copyProperty(value, key, path);
    if (copied !== undefined) yield [key, copied];
  }
}

function copyProperty(value: object, key: string, path: readonly object[]): ContextValue | undefined {
  try {
    return copyValue((value as Record<string, unknown>)[key], path);
  } catch {
    return undefined;
  }
}
