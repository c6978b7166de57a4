import { ConfigError } from '../errors.ts';
import { known } from '../usage/read.ts';
import type { Usage } from '../usage/usage.ts';
import { checkPriceFile } from './check-price-file.ts';
import { circumstancesOf } from './circumstances.ts';
import { costOfUsage } from './cost.ts';
import { type ConvertRate, convertCost } from './currency.ts';
import { defaultPriceList } from './default-price-list.ts';
import { discountCost, type Discount } from './discount.ts';
import { exact, formatDecimal } from './money.ts';
import type {
  Charge,
  ChargeSubject,
  Cost,
  Decimal,
  PriceList,
  PriceQuery,
  ServiceQuantities,
} from './price.ts';
import { calculateCharge } from './charge.ts';
import type {
  Amount,
  PriceFile,
  UserAlias,
  UserDiscount,
  UserModel,
  UserPrice,
  Validity,
} from './price-file.ts';
import { holds, namesIt } from './price-file-match.ts';
import { canonicalProvider } from './provider-id.ts';
import { isTokenMeter, type Meter, PER_MILLION, type Rate, type RateCard, type Rates } from './rate-card.ts';
import { priceService } from './service-price.ts';

export interface UserPricesOptions {
  /** Prices for everything the file does not price itself; aliases and discounts apply to them. Default: `defaultPriceList`. */
  readonly base?: PriceList;
  /** Convert every cost into this currency, by the file's `currencies`. Default: leave costs as they are. */
  readonly currency?: string;
}

/** A user's own prices. Give it to `CostSpanProcessor({ prices })` in place of the default list. */
export interface UserPriceList extends PriceList {
  /** The file as it was read, checked. */
  readonly file: PriceFile;
  /** The cost of a service of the file; undefined when the file does not define it at that time. */
  priceService(service: string, quantities: ServiceQuantities, at: Date): Cost | undefined;
  /** What the file's rate cards charge for a call. */
  charge(subject: ChargeSubject): Charge | undefined;
}

/**
 * The user's own prices over a base list: own models win, aliases lead to other models, discounts apply to list
 * prices. `where` names the source in errors.
 *
 * @throws {ConfigError} for a file that says something nobody reads.
 */
export function createUserPrices(
  where: string,
  given: unknown,
  options: UserPricesOptions = {},
): UserPriceList {
  const file = checkPriceFile(where, given);
  const base = options.base ?? defaultPriceList;
  const own = file.name ?? where;
  const currency = file.currency ?? 'USD';
  const discounts = (file.discounts ?? []).map((discount) => toDiscount(where, discount));
  const rates: readonly ConvertRate[] = (file.currencies ?? []).map((rate) => ({
    ...rate,
    rate: decimal(rate.rate),
  }));

  const inCurrency = (cost: Cost, at: Date): Cost =>
    options.currency === undefined ? cost : convertCost(cost, options.currency, rates, at);

  return {
    name: `${own}+${base.name}`,
    file,
    price(usage, query) {
      const aliased = resolveAlias(query, file.aliases ?? []);
      const model = (file.models ?? []).find((model) => isForModel(model, aliased) && holds(model, query.at));
      if (model !== undefined) return inCurrency(priceOwn(usage, aliased, model, own, currency), query.at);
      const cost = base.price(usage, aliased);
      if (cost === undefined) return undefined;
      const fitting = discounts.filter((discount) => appliesTo(discount, aliased));
      return inCurrency(fitting.length === 0 ? cost : discountCost(cost, fitting, own), query.at);
    },
    charge(subject) {
      return calculateCharge(subject, file.rateCards ?? [], { currency: options.currency ?? currency });
    },
    priceService(service, quantities, at) {
      const found = (file.services ?? []).find((entry) => entry.service === service && holds(entry, at));
      return found && inCurrency(priceService(found, quantities, { list: own, currency }), at);
    },
  };
}

interface ScopedDiscount extends Discount, Validity {
  readonly provider?: string;
  readonly models?: readonly string[];
}

function toDiscount(where: string, discount: UserDiscount): ScopedDiscount {
  const { percent, factor, ...rest } = discount;
  if ((percent === undefined) === (factor === undefined)) {
    throw new ConfigError(
      `${where}: discount '${discount.name}' needs either percent (15 = 15 % off) or factor ('0.85').`,
    );
  }
  const value = factor === undefined ? percentOff(where, discount.name, percent ?? '0') : decimal(factor);
  return { ...rest, factor: value };
}

/** 15 → '0.85' */
function percentOff(where: string, name: string, percent: Amount): Decimal {
  const { digits, scale } = exact(decimal(percent));
  const rest = 100n * 10n ** BigInt(scale) - digits;
  if (rest < 0n) throw new ConfigError(`${where}: discount '${name}' takes off more than 100 percent.`);
  return formatDecimal({ digits: rest, scale: scale + 2 });
}

function appliesTo(discount: ScopedDiscount, query: PriceQuery): boolean {
  return (
    holds(discount, query.at) &&
    (discount.provider === undefined || sameProvider(discount.provider, query.provider)) &&
    (discount.models === undefined || discount.models.some((pattern) => namesModel(pattern, query)))
  );
}

/** The query with what its alias knows. Aliases are not followed twice. */
function resolveAlias(query: PriceQuery, aliases: readonly UserAlias[]): PriceQuery {
  const alias = aliases.find(
    ({ provider, model }) =>
      sameProvider(provider, query.provider) &&
      [query.requestModel, query.responseModel].some((name) => name !== undefined && namesIt(model, name)),
  );
  if (alias === undefined) return query;
  const { is, isProvider, deploymentType, region } = alias;
  return {
    ...query,
    ...known({
      provider: isProvider,
      requestModel: is,
      responseModel: is,
      deploymentType: query.deploymentType ?? deploymentType,
      region: query.region ?? region,
    }),
  };
}

function isForModel(model: UserModel, query: PriceQuery): boolean {
  return sameProvider(model.provider, query.provider) && namesModel(model.model, query);
}

/** The reply's model, or the request's where the reply names none; Bedrock replies never name the profile. */
function namesModel(pattern: string, query: PriceQuery): boolean {
  const names = [query.responseModel, query.requestModel].filter((name) => name !== undefined);
  return names.some((name) => namesIt(pattern, name));
}

function sameProvider(a: string, b: string): boolean {
  return canonicalProvider(a) === canonicalProvider(b);
}

/** A user's price is a whole card: what it does not list has no price. */
function priceOwn(usage: Usage, query: PriceQuery, model: UserModel, list: string, currency: string): Cost {
  const card: RateCard = {
    reference: {
      list,
      id: `${query.provider}/${model.model}`,
      ...(model.validFrom === undefined ? {} : { validFrom: instant(model.validFrom) }),
      ...(model.validTo === undefined ? {} : { validTo: instant(model.validTo) }),
    },
    currency,
    rates: toRates(model.prices ?? {}),
    shared: ['input_image', 'input_video', 'input_audio', 'output_image', 'output_video', 'output_audio'],
    ...(model.free === undefined ? {} : { free: model.free }),
  };
  const unlisted = Object.entries(circumstancesOf(query)).filter(([name]) => name === 'tier');
  const cost = costOfUsage(usage, card);
  return unlisted.length === 0
    ? cost
    : {
        ...cost,
        notes: [
          ...(cost.notes ?? []),
          `the own price holds for every tier (${query.serviceTier ?? 'batch'})`,
        ],
      };
}

function toRates(prices: Readonly<Record<string, Amount | UserPrice>>): Rates {
  return Object.fromEntries(
    (Object.entries(prices) as [Meter, Amount | UserPrice][]).map(([meter, given]) => [
      meter,
      toRate(meter, given),
    ]),
  );
}

function toRate(meter: Meter, given: Amount | UserPrice): Rate {
  const per = isTokenMeter(meter) || meter === 'input_characters' ? PER_MILLION : '1';
  if (typeof given !== 'object') return { price: decimal(given), per };
  const longContext = (given.above ?? []).map(({ inputTokens, price }) => ({
    above: inputTokens,
    price: decimal(price),
  }));
  return {
    price: decimal(given.price),
    per: given.per === undefined ? per : decimal(given.per),
    ...(longContext.length === 0 ? {} : { longContext }),
  };
}

function decimal(value: Amount): Decimal {
  return formatDecimal(exact(String(value)));
}

function instant(value: string): string {
  return new Date(value).toISOString();
}
