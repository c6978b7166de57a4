import { ConfigError } from '../base/errors.ts';
import { known } from '../base/read.ts';
import { userPrices } from '../metering/user-prices.ts';
import type { InvoiceOptions } from '../reports/invoice.ts';

/**
 * What a price file says customers pay.
 *
 * @throws {ConfigError} for a file without rate cards.
 */
export function readRateCards(path: string): Pick<InvoiceOptions, 'rateCards' | 'currency'> {
  const { rateCards = [], currency } = userPrices(path).file;
  if (rateCards.length > 0) return { rateCards, ...known({ currency }) };
  throw new ConfigError(
    `${path} has no rate_cards, so it does not say what customers pay. Example: rate_cards: [{ name: standard, markup: 20 }].`,
  );
}
