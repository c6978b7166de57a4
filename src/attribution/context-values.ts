import { isBooleanObject, isNumberObject, isStringObject } from 'node:util/types';
import type { AttributionContext, ContextValue } from './attribution.ts';

/**
 * A frozen copy of what the application gave, in values that survive JSON unchanged: Dates as ISO text, BigInts and
 * non-finite numbers as text, objects and lists copied at any depth. What has no such form (functions, symbols,
 * `undefined`, a Map, an Error, a Promise, a getter that throws, a circle) is left out. Never throws.
 */
export function copyContext(given: unknown): AttributionContext {
  const copied = copyValue(given, []);
  return typeof copied === 'object' && copied !== null && !Array.isArray(copied)
    ? (copied as AttributionContext)
    : NOTHING;
}

/** What is given over what there is: `undefined` takes an entry away, and every other value replaces it. */
export function mergeInto(outer: AttributionContext, given: unknown): AttributionContext {
  if (given === undefined) return outer;
  const merged = { ...outer, ...copyContext(given) };
  for (const name of removedBy(given)) if (name in merged) delete merged[name];
  return Object.freeze(merged);
}

function removedBy(given: unknown): readonly string[] {
  if (typeof given !== 'object' || given === null) return [];
  try {
    return Object.keys(given).filter((name) => Reflect.get(given, name) === undefined);
  } catch {
    return []; // a getter that throws says nothing, so the entry stays
  }
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
    if (isPlain(value)) return copyRecord(value, path);
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
    if (Array.isArray(value)) return Object.freeze(value.map((item) => copyValue(item, path) ?? null));
    if (ArrayBuffer.isView(value)) return undefined;
    if ('toJSON' in value && typeof value.toJSON === 'function') return copyValue(value.toJSON(), path);
    const primitive = unboxed(value);
    if (primitive !== undefined) return copyValue(primitive, path);
    return isRecord(value) ? copyRecord(value, path) : undefined;
  } catch {
    return undefined;
  }
}

/** `Object('text')` and its like are their values, as in JSON. */
function unboxed(value: object): unknown {
  return isStringObject(value) || isNumberObject(value) || isBooleanObject(value)
    ? value.valueOf()
    : undefined;
}

/** An object whose own entries are what it is, also of a class; a Map, an Error or a Promise keeps its value inside. */
function isRecord(value: object): boolean {
  return Object.prototype.toString.call(value) === '[object Object]' && !(value instanceof Error);
}

/** What almost every context is: a literal. */
function isPlain(value: object): boolean {
  return Object.getPrototypeOf(value) === Object.prototype && !('toJSON' in value);
}

function copyRecord(value: object, path: readonly object[]): ContextValue {
  const record: Record<string, ContextValue> = {};
  for (const key of Object.keys(value)) {
    const copied = copyProperty(value, key, path);
    // Assigning would set the prototype instead.
    if (copied !== undefined && key !== '__proto__') record[key] = copied;
  }
  return Object.freeze(record);
}

function copyProperty(value: object, key: string, path: readonly object[]): ContextValue | undefined {
  try {
    return copyValue((value as Record<string, unknown>)[key], path);
  } catch {
    return undefined;
  }
}
