import { ConfigError, describe, didYouMean } from '../errors.ts';
import { list, object } from '../usage/read.ts';
import { compare, parseDecimal, ZERO } from './money.ts';
import type { PriceFile } from './price-file.ts';
import { METERS } from './rate-card.ts';

/**
 * Reads a price file from foreign data and says exactly what is wrong with it.
 *
 * @throws {ConfigError} `costspan.prices.yaml: models[2].prices.inptu is not a meter. Did you mean 'input'?`
 */
export function checkPriceFile(where: string, given: unknown): PriceFile {
  const file = camelCased(given);
  checkFields(where, file, FILE);
  return file as PriceFile;
}

/** What a field must be. Returns what was expected, or undefined when all is well; throws for what lies deeper. */
type Check = (value: unknown, path: string) => string | undefined;

interface Fields {
  readonly [name: string]: { readonly check: Check; readonly required?: boolean };
}

const isText: Check = (value) => (typeof value === 'string' && value !== '' ? undefined : 'a text');
const isAmount: Check = (value) => {
  const number =
    typeof value === 'number' || typeof value === 'string' ? parseDecimal(String(value)) : undefined;
  return number !== undefined && compare(number, ZERO) >= 0
    ? undefined
    : "a decimal number of at least 0, such as '2.50'";
};
const isPositive: Check = (value, path) => {
  const expected = isAmount(value, path);
  return expected === undefined && (parseDecimal(String(value))?.digits ?? 0n) > 0n
    ? undefined
    : 'a number above 0';
};
const isCount: Check = (value) =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? undefined : 'a whole number';
const isInstant: Check = (value) =>
  (value instanceof Date || (typeof value === 'string' && /^\d{4}-\d{2}-\d{2}/.test(value))) &&
  !Number.isNaN(new Date(value).getTime())
    ? undefined
    : "an instant such as '2026-11-01T00:00:00Z'";
const isCurrency: Check = (value) =>
  typeof value === 'string' && /^[A-Z]{3}$/.test(value) ? undefined : 'an ISO 4217 code such as EUR';
const isRounding: Check = (value) =>
  ['up', 'down', 'nearest'].includes(String(value)) ? undefined : "'up', 'down' or 'nearest'";
const isMeter: Check = (value) =>
  typeof value === 'string' && (METERS as readonly string[]).includes(value)
    ? undefined
    : `a meter.${didYouMean(String(value), METERS)} Meters: ${METERS.join(', ')}`;

const listOf =
  (check: Check): Check =>
  (value, path) => {
    if (!Array.isArray(value)) return 'a list';
    for (const [index, item] of value.entries()) demand(check, item, `${path}[${index}]`);
    return undefined;
  };

const fields =
  (expected: Fields): Check =>
  (value, path) => {
    checkFields(path, value, expected);
    return undefined;
  };

const mapOf =
  (check: Check, checkKey?: Check): Check =>
  (value, path) => {
    const entries = object(value);
    if (entries === undefined) return 'an object';
    for (const [key, item] of Object.entries(entries)) {
      const expected = checkKey?.(key, path);
      if (expected !== undefined) throw new ConfigError(`${path}.${key}: expected ${expected}.`);
      demand(check, item, `${path}.${key}`);
    }
    return undefined;
  };

const either =
  (simple: Check, whole: Check): Check =>
  (value, path) =>
    object(value) === undefined ? simple(value, path) : whole(value, path);

const optional = (check: Check): { readonly check: Check } => ({ check });
const required = (check: Check): { readonly check: Check; readonly required: true } => ({
  check,
  required: true,
});

const VALIDITY: Fields = { validFrom: optional(isInstant), validTo: optional(isInstant) };
const PRICE = fields({
  price: required(isAmount),
  per: optional(isPositive),
  above: optional(listOf(fields({ inputTokens: required(isCount), price: required(isAmount) }))),
});
const SERVICE_PRICE = fields({
  price: required(isAmount),
  per: optional(isPositive),
  minimum: optional(isAmount),
  increment: optional(isPositive),
  rounding: optional(isRounding),
});
const CHARGE_PRICE = fields({
  price: required(isAmount),
  per: optional(isPositive),
  included: optional(isAmount),
  tiers: optional(listOf(fields({ above: required(isAmount), price: required(isAmount) }))),
});
const SCOPE = fields({
  customer: optional(isText),
  plan: optional(isText),
  feature: optional(isText),
  provider: optional(isText),
  models: optional(listOf(isText)),
  context: optional(mapOf(isText)),
});

const FILE: Fields = {
  name: optional(isText),
  version: optional(isCount),
  currency: optional(isCurrency),
  models: optional(
    listOf(
      fields({
        provider: required(isText),
        model: required(isText),
        prices: optional(mapOf(either(isAmount, PRICE), isMeter)),
        free: optional(isText),
        ...VALIDITY,
      }),
    ),
  ),
  aliases: optional(
    listOf(
      fields({
        provider: required(isText),
        model: required(isText),
        is: optional(isText),
        isProvider: optional(isText),
        deploymentType: optional(isText),
        region: optional(isText),
      }),
    ),
  ),
  discounts: optional(
    listOf(
      fields({
        name: required(isText),
        percent: optional(isAmount),
        factor: optional(isAmount),
        provider: optional(isText),
        models: optional(listOf(isText)),
        meters: optional(listOf(isMeter)),
        ...VALIDITY,
      }),
    ),
  ),
  services: optional(
    listOf(
      fields({
        service: required(isText),
        prices: required(mapOf(either(isAmount, SERVICE_PRICE))),
        ...VALIDITY,
      }),
    ),
  ),
  rateCards: optional(
    listOf(
      fields({
        name: required(isText),
        when: optional(SCOPE),
        markup: optional(isAmount),
        fixed: optional(isAmount),
        prices: optional(mapOf(CHARGE_PRICE)),
        minimum: optional(isAmount),
        currency: optional(isCurrency),
        ...VALIDITY,
      }),
    ),
  ),
  currencies: optional(
    listOf(
      fields({
        from: required(isCurrency),
        to: required(isCurrency),
        rate: required(isPositive),
        ...VALIDITY,
      }),
    ),
  ),
};

function checkFields(path: string, given: unknown, expected: Fields): void {
  const fields = object(given);
  if (fields === undefined) throw new ConfigError(`${path}: expected an object, got ${describe(given)}.`);
  for (const [name, value] of Object.entries(fields)) {
    const field = Object.hasOwn(expected, name) ? expected[name] : undefined;
    if (field === undefined) {
      const names = Object.keys(expected);
      throw new ConfigError(
        `${path}: nobody reads '${snakeCase(name)}'.${didYouMean(name, names)} Known: ${names.map(snakeCase).join(', ')}.`,
      );
    }
    if (value !== undefined && value !== null) demand(field.check, value, at(path, name));
  }
  for (const [name, field] of Object.entries(expected)) {
    if (field.required === true && (fields[name] === undefined || fields[name] === null)) {
      throw new ConfigError(`${path}: '${snakeCase(name)}' is missing.`);
    }
  }
}

function demand(check: Check, value: unknown, path: string): void {
  const expected = check(value, path);
  if (expected !== undefined) throw new ConfigError(`${path}: expected ${expected}, got ${describe(value)}.`);
}

function at(path: string, name: string): string {
  return `${path}${path.includes(': ') ? '.' : ': '}${snakeCase(name)}`;
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Field names as code writes them; keys of `prices` and `context` are names, not fields, and stay. */
function camelCased(value: unknown): unknown {
  if (Array.isArray(value)) return list(value).map(camelCased);
  const entries = object(value);
  if (entries === undefined || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(entries).map(([key, inner]) => {
      const name = key.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
      if (name !== 'prices' && name !== 'context') return [name, camelCased(inner)];
      const named = object(inner);
      return [
        name,
        named === undefined
          ? inner
          : Object.fromEntries(Object.entries(named).map(([own, item]) => [own, camelCased(item)])),
      ];
    }),
  );
}
