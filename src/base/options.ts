import { ConfigError, describe } from './errors.ts';
import { list, object } from './read.ts';
import { didYouMean } from './spelling.ts';

/**
 * What a value must be: says what was expected, or undefined when all is well; throws for what lies deeper. `T` is
 * the type of the values it accepts.
 */
export interface Kind<T> {
  (value: unknown, path: string): string | undefined;
  readonly accepts?: T;
  readonly required?: true;
}

/** A kind per field; what the type requires must be `required`, so that the two cannot drift apart. */
export type KindsOf<T> = {
  readonly [Name in keyof T]-?: undefined extends T[Name]
    ? Kind<Exclude<T[Name], undefined>>
    : Kind<T[Name]> & { readonly required: true };
};

/** A kind from a test: `kind('true or false', (value) => typeof value === 'boolean')`. */
export function kind<T>(expected: string, accepts: (value: unknown) => boolean): Kind<T> {
  return (value) => (accepts(value) ? undefined : expected);
}

export const text: Kind<string> = kind(
  'a non-empty string',
  (value) => typeof value === 'string' && value !== '',
);
export const fileName: Kind<string> = kind(
  'a file name',
  (value) => typeof value === 'string' && value !== '',
);
export const flag: Kind<boolean> = kind('true or false', (value) => typeof value === 'boolean');
export const callable: Kind<never> = kind('a function', (value) => typeof value === 'function');
export const record: Kind<never> = kind('an object', (value) => object(value) !== undefined);
export const positive: Kind<number> = kind(
  'a number above 0',
  (value) => typeof value === 'number' && value > 0,
);
/** A number of things: finite, and at least 0. */
export const quantity: Kind<number> = kind(
  'a number of at least 0',
  (value) => typeof value === 'number' && Number.isFinite(value) && value >= 0,
);
export const date: Kind<Date> = kind(
  'a valid Date',
  (value) => value instanceof Date && !Number.isNaN(value.getTime()),
);
export const wholeAbove0: Kind<number> = kind(
  'a whole number above 0',
  (value) => Number.isInteger(value) && Number(value) > 0,
);
/** Checked elsewhere, or of any kind. */
export const anything: Kind<never> = () => undefined;

/** One of a few words: `'asc' or 'desc'`. */
export function oneOf<const T extends string>(...words: readonly T[]): Kind<T> {
  const expected = words.map((word) => `'${word}'`).join(words.length === 2 ? ' or ' : ', ');
  return kind(expected, (value) => (words as readonly unknown[]).includes(value));
}

export function listOf<T>(item: Kind<T>): Kind<readonly T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) return 'a list';
    for (const [index, each] of list(value).entries()) demand(item, each, `${path}[${index}]`);
    return undefined;
  };
}

/** Any names, or those that `name` accepts. */
export function mapOf<T>(item: Kind<T>, name?: Kind<string>): Kind<Readonly<Record<string, T>>> {
  return (value, path) => {
    const entries = object(value);
    if (entries === undefined) return 'an object';
    for (const [key, each] of Object.entries(entries)) {
      const expected = name?.(key, path);
      if (expected !== undefined) throw new ConfigError(`${path}.${key}: expected ${expected}.`);
      demand(item, each, `${path}.${key}`);
    }
    return undefined;
  };
}

/** An object with these fields and no others. */
export function fields<T>(kinds: KindsOf<T>): Kind<T> {
  return (value, path) => {
    checkFields(path, value, kinds);
    return undefined;
  };
}

/** A short form, or the whole object. */
export function either<A, B>(simple: Kind<A>, whole: Kind<B>): Kind<A | B> {
  return (value, path) => (object(value) === undefined ? simple(value, path) : whole(value, path));
}

export function required<T>(kind: Kind<T>): Kind<T> & { readonly required: true } {
  return Object.assign((value: unknown, path: string) => kind(value, path), { required: true as const });
}

/**
 * The fields of foreign data, named as they are written there.
 *
 * @throws {ConfigError} `costspan.prices.yaml: models[2]: unknown field 'modle'. Did you mean 'model'? Known: …`
 */
export function checkFields<T>(path: string, given: unknown, kinds: KindsOf<T>): void {
  const values = object(given);
  if (values === undefined) throw new ConfigError(`${path}: expected an object, got ${describe(given)}.`);
  const known = new Map<string, Kind<unknown>>(Object.entries(kinds));
  for (const [name, value] of Object.entries(values)) {
    const kind = known.get(name);
    if (kind === undefined) {
      const names = [...known.keys()].map(snakeCase);
      throw new ConfigError(
        `${path}: unknown field '${snakeCase(name)}'.${didYouMean(snakeCase(name), names)} Known: ${names.join(', ')}.`,
      );
    }
    if (value !== undefined && value !== null) demand(kind, value, at(path, name));
  }
  for (const [name, kind] of known) {
    if (kind.required === true && (values[name] === undefined || values[name] === null)) {
      throw new ConfigError(`${path}: '${snakeCase(name)}' is missing.`);
    }
  }
}

function demand(kind: Kind<unknown>, value: unknown, path: string): void {
  const expected = kind(value, path);
  if (expected !== undefined) throw new ConfigError(`${path}: expected ${expected}, got ${describe(value)}.`);
}

function at(path: string, name: string): string {
  return `${path}${path.includes(': ') ? '.' : ': '}${snakeCase(name)}`;
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/**
 * Options as they were given, checked: no unknown name, no missing one, no value of a wrong kind.
 *
 * @throws {ConfigError} `new HttpSink: expected 'gzip' to be true or false, got 'yes'.`
 * @example
 * const OPTIONS: KindsOf<TailOptions> = { path: required(text), follow: flag };
 * const { path, follow = false } = optionsOf('new Tail', given, OPTIONS);
 */
export function optionsOf<T extends object>(where: string, given: T, kinds: KindsOf<T>): T {
  const known = Object.entries<Kind<unknown>>(kinds);
  const options: T = given ?? {};
  checkOptions(
    where,
    options,
    known.map(([name]) => name),
  );
  for (const [name, kind] of known) {
    const value: unknown = options[name as keyof T];
    if (value === undefined && kind.required !== true) continue;
    const expected = kind(value, `${where}: ${name}`);
    if (expected === undefined) continue;
    throw new ConfigError(`${where}: expected '${name}' to be ${expected}, got ${describe(value)}.`);
  }
  return options;
}

/**
 * Refuses option names that are not known, and says the nearest right one.
 *
 * @throws {ConfigError} `new SqliteLedger: unknown option 'file'. Did you mean 'path'? Options: path, durability.`
 */
export function checkOptions(where: string, given: unknown, known: readonly string[]): void {
  if (given === undefined) return;
  if (typeof given !== 'object' || given === null) {
    throw new ConfigError(
      `${where}: expected an options object, got ${describe(given)}. Options: ${known.join(', ')}.`,
    );
  }
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue;
    throw new ConfigError(
      `${where}: unknown option '${name}'.${didYouMean(name, known)} Options: ${known.join(', ')}.`,
    );
  }
}

type KindName = 'text' | 'flag' | 'function' | 'object' | 'positive';
const KINDS: Readonly<Record<KindName, Kind<unknown>>> = {
  text,
  flag,
  function: callable,
  object: record,
  positive,
};

/**
 * Refuses values of another kind than the option takes; those left out are fine.
 *
 * @throws {ConfigError} `new HttpSink: expected 'gzip' to be true or false, got 'yes'.`
 */
export function checkKinds(where: string, given: object, kinds: Readonly<Record<string, KindName>>): void {
  for (const [name, kind] of Object.entries(kinds)) {
    const value: unknown = (given as Readonly<Record<string, unknown>>)[name];
    const expected = value === undefined ? undefined : KINDS[kind](value, name);
    if (expected === undefined) continue;
    throw new ConfigError(`${where}: expected '${name}' to be ${expected}, got ${describe(value)}.`);
  }
}
