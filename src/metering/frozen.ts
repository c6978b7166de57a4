/**
 * A copy that nobody can change, all the way down: several sinks share one event, and what it was made from may be the
 * application's own.
 */
export function frozenCopy<T>(value: T): T {
  return copy(value, 0) as T;
}

/** Deeper than any context or usage block; what is nested deeper is left out. */
const MAX_DEPTH = 32;

function copy(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH) return null;
  if (Array.isArray(value)) return Object.freeze(value.map((item) => copy(item, depth + 1)));
  if (value instanceof Date) return new FrozenDate(value);
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const inner = (value as Record<string, unknown>)[key];
    // Assigning would set the prototype instead.
    if (key === '__proto__') continue;
    result[key] = typeof inner === 'object' ? copy(inner, depth + 1) : inner;
  }
  return Object.freeze(result);
}

/** `Object.freeze` does not reach into a `Date`; its setters do not work here. */
class FrozenDate extends Date {}

for (const name of Object.getOwnPropertyNames(Date.prototype)) {
  if (!name.startsWith('set')) continue;
  Object.defineProperty(FrozenDate.prototype, name, {
    value(): never {
      throw new TypeError(`Cannot ${name} of a cost event: it is immutable.`);
    },
  });
}
