import { compare, parseDecimal, ZERO } from '../../base/decimal.ts';
import {
  checkFields,
  either,
  fields,
  kind,
  type Kind,
  type KindsOf,
  listOf,
  mapOf,
  oneOf,
  required,
  text,
} from '../../base/options.ts';
import { list, object } from '../../base/read.ts';
import { didYouMean } from '../../base/spelling.ts';
import { QUANTITIES } from '../../usage/quantities.ts';
import { METERS } from '../rate-card.ts';
import { checkRows } from './check-rows.ts';
import type {
  Amount,
  PriceFile,
  UserAlias,
  UserChargePrice,
  UserCurrencyRate,
  UserDiscount,
  UserModel,
  UserPrice,
  UserRateCard,
  UserRateCardScope,
  UserService,
  UserServicePrice,
  Validity,
} from './price-file.ts';

/**
 * Reads a price file from foreign data and says exactly what is wrong with it.
 *
 * @throws {ConfigError} `costspan.prices.yaml: models[2].prices.inptu: expected a meter. Did you mean 'input'?`
 */
export function checkPriceFile(where: string, given: unknown): PriceFile {
  const written = camelCased(given);
  checkFields(where, written, FILE);
  const file = written as PriceFile;
  checkRows(where, file);
  return file;
}

const amount: Kind<Amount> = kind("a decimal number of at least 0, such as '2.50'", (value) => {
  const number = decimalOf(value);
  return number !== undefined && compare(number, ZERO) >= 0;
});
const aboveZero: Kind<Amount> = kind('a number above 0', (value) => (decimalOf(value)?.digits ?? 0n) > 0n);
const whole: Kind<number> = kind(
  'a whole number',
  (value) => Number.isSafeInteger(value) && Number(value) >= 0,
);
const instant: Kind<string> = kind(
  "an instant such as '2026-11-01T00:00:00Z'",
  (value) =>
    (value instanceof Date || (typeof value === 'string' && /^\d{4}-\d{2}-\d{2}/.test(value))) &&
    !Number.isNaN(new Date(value).getTime()),
);
const currency: Kind<string> = kind(
  'an ISO 4217 code such as EUR',
  (value) => typeof value === 'string' && /^[A-Z]{3}$/.test(value),
);
const meter: Kind<string> = (value) =>
  typeof value === 'string' && (METERS as readonly string[]).includes(value)
    ? undefined
    : `a meter.${didYouMean(String(value), METERS)} Meters: ${METERS.join(', ')}`;

function decimalOf(value: unknown): ReturnType<typeof parseDecimal> {
  return typeof value === 'number' || typeof value === 'string' ? parseDecimal(String(value)) : undefined;
}

const VALIDITY: KindsOf<Validity> = { validFrom: instant, validTo: instant };

const PRICE: Kind<UserPrice> = fields<UserPrice>({
  price: required(amount),
  per: aboveZero,
  above: listOf(
    fields<NonNullable<UserPrice['above']>[number]>({
      inputTokens: required(whole),
      price: required(amount),
    }),
  ),
});

const SERVICE_PRICE: Kind<UserServicePrice> = fields<UserServicePrice>({
  price: required(amount),
  per: aboveZero,
  minimum: amount,
  increment: aboveZero,
  rounding: oneOf('up', 'down', 'nearest'),
});

const CHARGE_PRICE: Kind<UserChargePrice> = fields<UserChargePrice>({
  price: required(amount),
  per: aboveZero,
  included: amount,
  tiers: listOf(
    fields<NonNullable<UserChargePrice['tiers']>[number]>({
      above: required(amount),
      price: required(amount),
    }),
  ),
});

const SCOPE: Kind<UserRateCardScope> = fields<UserRateCardScope>({
  customer: text,
  plan: text,
  feature: text,
  provider: text,
  models: listOf(text),
  context: mapOf(text),
});

const FILE: KindsOf<PriceFile & { readonly version?: number }> = {
  name: text,
  version: whole,
  currency,
  models: listOf(
    fields<UserModel>({
      provider: required(text),
      model: required(text),
      prices: mapOf(either(amount, PRICE), meter),
      free: text,
      ...VALIDITY,
    }),
  ),
  aliases: listOf(
    fields<UserAlias>({
      provider: required(text),
      model: required(text),
      is: text,
      isProvider: text,
      deploymentType: text,
      region: text,
    }),
  ),
  discounts: listOf(
    fields<UserDiscount>({
      name: required(text),
      percent: amount,
      factor: amount,
      provider: text,
      models: listOf(text),
      meters: listOf(meter),
      ...VALIDITY,
    }),
  ),
  services: listOf(
    fields<UserService>({
      service: required(text),
      prices: required(mapOf(either(amount, SERVICE_PRICE))),
      ...VALIDITY,
    }),
  ),
  rateCards: listOf(
    fields<UserRateCard>({
      name: required(text),
      when: SCOPE,
      markup: amount,
      fixed: amount,
      prices: mapOf(CHARGE_PRICE),
      minimum: amount,
      currency,
      ...VALIDITY,
    }),
  ),
  currencies: listOf(
    fields<UserCurrencyRate>({
      from: required(currency),
      to: required(currency),
      rate: required(aboveZero),
      ...VALIDITY,
    }),
  ),
};

/**
 * Field names as code writes them. Keys of `prices`, entries of `meters` and keys of `context` are names: those of
 * meters and quantities become what events call them (`cacheRead` → `cache_read`), those of services and of context
 * stay.
 */
function camelCased(value: unknown, inServices = false): unknown {
  if (Array.isArray(value)) return list(value).map((each) => camelCased(each, inServices));
  const entries = object(value);
  if (entries === undefined || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(entries).map(([key, inner]) => {
      const name = key.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
      if (name === 'meters' && Array.isArray(inner)) return [name, list(inner).map(asEventsSay)];
      const named = name === 'prices' || name === 'context' ? object(inner) : undefined;
      if (named === undefined) return [name, camelCased(inner, inServices || name === 'services')];
      const own = Object.entries(named).map(([key, item]) => [
        name === 'prices' && !inServices ? asEventsSay(key) : key,
        camelCased(item),
      ]);
      return [name, Object.fromEntries(own)];
    }),
  );
}

function asEventsSay(name: unknown): unknown {
  return NAMES.get(String(name)) ?? name;
}

/** `cacheWrite5m` → `cache_write_5m`, `inputTokens` → `input_tokens`. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ...METERS.map(
    (meter) => [meter.replaceAll(/_([a-z\d])/g, (_, letter: string) => letter.toUpperCase()), meter] as const,
  ),
  ...Object.entries(QUANTITIES),
]);
