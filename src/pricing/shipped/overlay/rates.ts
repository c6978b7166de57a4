import type { Decimal } from '../../../base/decimal.ts';
import { type Meter, PER_MILLION, PER_THOUSAND, type Rate, type Rates } from '../../rate-card.ts';

/** Shorthands for rows, so that they read like a price page. */

export type Prices = { readonly [M in Meter]?: Decimal };

/** Dollars per million tokens or characters; `long` = the prices above a context length. */
export function perMillion(prices: Prices, above?: number, long: Prices = {}): Rates {
  return mapPrices(prices, (price, meter) => {
    const longPrice = long[meter];
    return {
      price,
      per: PER_MILLION,
      ...(above === undefined || longPrice === undefined
        ? {}
        : { longContext: [{ above, price: longPrice }] }),
    };
  });
}

/** Dollars per thousand searches, requests or pages. */
export function perThousand(prices: Prices): Rates {
  return mapPrices(prices, (price) => ({ price, per: PER_THOUSAND }));
}

/** Dollars for each: an image, a second, a session. */
export function each(prices: Prices): Rates {
  return mapPrices(prices, (price) => ({ price, per: '1' }));
}

function mapPrices(prices: Prices, toRate: (price: Decimal, meter: Meter) => Rate): Rates {
  const rates: { -readonly [M in Meter]?: Rate } = {};
  for (const [meter, price] of Object.entries(prices) as [Meter, Decimal][])
    rates[meter] = toRate(price, meter);
  return rates;
}
