/**
 * A copy that nobody can change, all the way down, with the methods of `prototype`: several sinks share one event, and
 * what it was made from may be the application's own.
 */
export function frozenObject<T extends object, P extends object>(fields: T, prototype: P): T & P {
  const result: Record<string, unknown> = { __proto__: prototype, ...fields };
  for (const key in fields) {
    if (typeof fields[key] === 'object') result[key] = copy(fields[key], 0);
  }
  return Object.freeze(result) as T & P;
}

/** Deeper than any context or usage block; what is nested deeper is left out. */
const MAX_DEPTH = 32;

/** A spread copies a shape at once; filling an empty object key by key took ten times as long. */
function copy(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH) return null;
  if (Array.isArray(value)) return Object.freeze(value.map((item) => copy(item, depth + 1)));
  if (value instanceof Date) return new FrozenDate(value);
  const result: Record<string, unknown> = { ...value };
  for (const key in result) {
    // An object of this name would be taken for the prototype by whoever copies the event key by key.
    if (key === '__proto__') delete result[key];
    else if (typeof result[key] === 'object') result[key] = copy(result[key], depth + 1);
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
