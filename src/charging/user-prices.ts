import { createOwnPrices, type OwnPriceList, type UserPricesOptions } from '../pricing/own/user-prices.ts';
import type { Charge, ChargeSubject } from '../pricing/price.ts';
import { calculateCharge } from './charge.ts';

/** A user's own prices. Give it to `CostSpanProcessor({ prices })` in place of the default list. */
export interface UserPriceList extends OwnPriceList {
  /** What the file's rate cards charge for a call. */
  charge(subject: ChargeSubject): Charge | undefined;
}

/**
 * A price file with both its sides: what calls cost, and what they are charged at. `where` names the source in errors.
 *
 * @throws {ConfigError} for a file that says something that is not read.
 */
export function createUserPrices(
  where: string,
  given: unknown,
  options: UserPricesOptions = {},
): UserPriceList {
  const prices = createOwnPrices(where, given, options);
  const { rateCards = [], currency = 'USD' } = prices.file;
  return {
    ...prices,
    charge: (subject) => calculateCharge(subject, rateCards, { currency: options.currency ?? currency }),
  };
}
