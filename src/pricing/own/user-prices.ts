import { decimalOf, exact, formatDecimal } from '../../base/decimal.ts';
import type { Decimal } from '../../base/decimal.ts';
import { ConfigError } from '../../base/errors.ts';
import { canonicalProvider } from '../../providers/spelling.ts';
import type { Cost, PriceList, PriceQuery, ServiceQuantities } from '../price.ts';
import { defaultPriceList } from '../shipped/default-price-list.ts';
import { followAliases } from './aliases.ts';
import { checkPriceFile } from './check-price-file.ts';
import { type ConvertRate, convertCost } from './currency.ts';
import { discountCost, type Discount } from './discount.ts';
import { namesModel, ownModels } from './own-models.ts';
import { holds, newest } from './price-file-match.ts';
import type { Amount, PriceFile, UserDiscount, Validity } from './price-file.ts';
import { priceService } from './service-price.ts';

export interface UserPricesOptions {
  /** Prices for everything the file does not price itself; aliases and discounts apply to them. Default: `defaultPriceList`. */
  readonly base?: PriceList;
  /** Convert every cost into this currency, by the file's `currencies`. Default: leave costs as they are. */
  readonly currency?: string;
}

/** What a price file says that a call costs. */
export interface OwnPriceList extends PriceList {
  /** The file as it was read, checked. */
  readonly file: PriceFile;
  /** The cost of a service of the file; undefined when the file does not define it at that time. */
  priceService(service: string, quantities: ServiceQuantities, at: Date): Cost | undefined;
}

/**
 * The user's own prices over a base list: own models win, aliases lead to other models, discounts apply to list
 * prices. `where` names the source in errors.
 *
 * @throws {ConfigError} for a file that says something that is not read.
 */
export function createOwnPrices(
  where: string,
  given: unknown,
  options: UserPricesOptions = {},
): OwnPriceList {
  const file = checkPriceFile(where, given);
  const base = options.base ?? defaultPriceList;
  const own = file.name ?? where;
  const { currency = 'USD', aliases = [], services = [] } = file;
  const models = ownModels(file.models ?? [], own, currency);
  const discounts = (file.discounts ?? []).map((discount) => toDiscount(where, discount));
  const rates: readonly ConvertRate[] = (file.currencies ?? []).map((rate) => ({
    ...rate,
    rate: decimalOf(rate.rate),
  }));

  const inCurrency = (cost: Cost, at: Date): Cost =>
    options.currency === undefined ? cost : convertCost(cost, options.currency, rates, at);

  return {
    name: `${own}+${base.name}`,
    file,
    price(usage, query) {
      const aliased = followAliases(query, aliases);
      const owned = models.price(usage, aliased);
      if (owned !== undefined) return inCurrency(owned, query.at);
      const cost = base.price(usage, aliased);
      if (cost === undefined) return undefined;
      const fitting = discounts.filter((discount) => appliesTo(discount, aliased));
      return inCurrency(fitting.length === 0 ? cost : discountCost(cost, fitting, own), query.at);
    },
    priceService(service, quantities, at) {
      const found = newest(
        services.filter((entry) => entry.service === service),
        at,
      );
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
  const value = factor === undefined ? percentOff(where, discount.name, percent ?? '0') : decimalOf(factor);
  return { ...rest, factor: value };
}

/** 15 → '0.85' */
function percentOff(where: string, name: string, percent: Amount): Decimal {
  const { digits, scale } = exact(decimalOf(percent));
  const rest = 100n * 10n ** BigInt(scale) - digits;
  if (rest < 0n) throw new ConfigError(`${where}: discount '${name}' takes off more than 100 percent.`);
  return formatDecimal({ digits: rest, scale: scale + 2 });
}

function appliesTo(discount: ScopedDiscount, query: PriceQuery): boolean {
  return (
    holds(discount, query.at) &&
    (discount.provider === undefined ||
      canonicalProvider(discount.provider) === canonicalProvider(query.provider)) &&
    (discount.models === undefined || discount.models.some((pattern) => namesModel(pattern, query)))
  );
}
