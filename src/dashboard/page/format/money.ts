import { compare, type Decimal, exact } from '../../../base/decimal.ts';

/** Digits after the point of a column of amounts: enough to see its largest. */
export function placesFor(amounts: readonly (Decimal | undefined)[]): number {
  const largest = amounts.reduce<Decimal>((most, amount) => {
    const value = magnitude(amount ?? '0');
    return compare(exact(value), exact(most)) > 0 ? value : most;
  }, '0');
  if (largest === '0' || compare(exact(largest), exact('1')) >= 0) return 2;
  return compare(exact(largest), exact('0.01')) >= 0 ? 4 : 6;
}

/** Money as it is read: `$1,234.50`. It is rounded here, half to even, and nowhere else. */
export function formatMoney(amount: Decimal, currency: string, places: number = placesFor([amount])): string {
  const least = places === 0 ? '1' : `0.${'0'.repeat(places - 1)}1`;
  const hidden = exact(amount).digits !== 0n && compare(exact(magnitude(amount)), exact(halfOf(least))) <= 0;
  return hidden
    ? `${amount.startsWith('-') ? '> −' : '< '}${format(least, currency, places)}`
    : format(amount, currency, places);
}

function format(amount: Decimal, currency: string, places: number): string {
  // Takes decimal text as it is: no float in between.
  return formatter(currency, places).format(amount as Intl.StringNumericLiteral);
}

function formatter(currency: string, places: number): Intl.NumberFormat {
  const key = `${currency} ${places}`;
  const made = formatters.get(key) ?? make(currency, places);
  formatters.set(key, made);
  return made;
}

const formatters = new Map<string, Intl.NumberFormat>();

function make(currency: string, places: number): Intl.NumberFormat {
  const digits = {
    minimumFractionDigits: places,
    maximumFractionDigits: places,
    roundingMode: 'halfEven',
  } as const;
  try {
    return new Intl.NumberFormat('en-US', { style: 'currency', currency, ...digits });
  } catch {
    // Credits and the like are no currency that a browser knows.
    return new Intl.NumberFormat('en-US', digits);
  }
}

function magnitude(amount: Decimal): Decimal {
  return amount.startsWith('-') ? amount.slice(1) : amount;
}

/** `0.01` → `0.005`. */
function halfOf(least: Decimal): Decimal {
  return least === '1' ? '0.5' : `${least.slice(0, -1)}05`;
}
