import { ConfigError, describe } from './errors.ts';
import { Recent } from './recent.ts';

/** A decimal number as text, exact: `'0.0000025'`. Never in exponent form, never with a `+`. */
export type Decimal = string;

/**
 * Exact decimal arithmetic on BigInt: the number is `digits` × 10^-`scale`.
 * A function that rounds says so; no other does.
 */
export interface Exact {
  readonly digits: bigint;
  readonly scale: number;
}

/** How a displayed amount is rounded. `half-even` carries no bias over many lines; `half-up` is what invoices use. */
export type Rounding = 'half-even' | 'half-up';

export const ZERO: Exact = Object.freeze({ digits: 0n, scale: 0 });
export const ONE: Exact = Object.freeze({ digits: 1n, scale: 0 });

/** Digits after the point kept where a quotient does not end: 1e-24 of a dollar. */
const QUOTIENT_SCALE = 24;
/** A longer exponent is a broken number, not money. */
const MAX_EXPONENT = 400;
const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/;

/** Reads `'0.005615'`, `'-3'`, `'2.5e-7'`; undefined when the text is no finite decimal number. */
export function parseDecimal(text: string): Exact | undefined {
  const match = DECIMAL.exec(text.trim());
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  if (whole === '' && fraction === '') return undefined;
  const scale = fraction.length - Number(exponent);
  if (Math.abs(scale) > MAX_EXPONENT) return undefined;
  const digits = BigInt(`${whole}${fraction}`) * (sign === '-' ? -1n : 1n);
  return scale >= 0 ? { digits, scale } : { digits: digits * power(-scale), scale: 0 };
}

/** A number or decimal text as plain decimal text: `2.50` → `'2.5'`, `2.5e-7` → `'0.00000025'`. */
export function decimalOf(value: number | Decimal): Decimal {
  return formatDecimal(exact(String(value)));
}

/** Like `parseDecimal`, for text this package wrote itself. Not a number reads as zero. */
export function exact(value: Decimal): Exact {
  const known = read.get(value);
  if (known !== undefined) return known;
  const parsed = parseDecimal(value);
  return parsed === undefined ? ZERO : read.set(value, parsed);
}

/** Unit prices and factors come again with every call. */
const read = new Recent<Decimal, Exact>(1_000);

/** A count as reported on the wire, exactly as it prints; undefined for NaN and infinities. */
export function exactQuantity(value: number): Exact | undefined {
  return Number.isSafeInteger(value) ? { digits: BigInt(value), scale: 0 } : parseDecimal(String(value));
}

/**
 * A price that a catalogue keeps as a float, rounded to 12 significant digits: `0.7499999999999999` is `0.75`.
 * No published price has more than 8.
 */
export function exactFromFloat(value: number): Exact | undefined {
  return Number.isFinite(value) ? trim(parseDecimal(value.toPrecision(12)) ?? ZERO) : undefined;
}

/** Plain decimal text without trailing zeros: `'0.005615'`, `'0'`, `'-3'`. */
export function formatDecimal(value: Exact): Decimal {
  const { digits, scale } = trim(value);
  const negative = digits < 0n;
  const text = (negative ? -digits : digits).toString().padStart(scale + 1, '0');
  const whole = text.slice(0, text.length - scale);
  const fraction = scale === 0 ? '' : `.${text.slice(text.length - scale)}`;
  return `${negative ? '-' : ''}${whole}${fraction}`;
}

/** `formatDecimal` for a safe integer of at least 0 and a scale of at most 18, without BigInt. */
export function formatSmall(digits: number, scale: number): Decimal {
  let [left, places] = [digits, scale];
  while (places > 0 && left % 10 === 0 && left !== 0) {
    left /= 10;
    places -= 1;
  }
  if (left === 0 || places === 0) return `${left}`;
  const text = `${left}`.padStart(places + 1, '0');
  const point = text.length - places;
  return `${text.slice(0, point)}.${text.slice(point)}`;
}

export function add(a: Exact, b: Exact): Exact {
  if (a.scale === b.scale) return { digits: a.digits + b.digits, scale: a.scale };
  return a.scale < b.scale
    ? { digits: a.digits * power(b.scale - a.scale) + b.digits, scale: b.scale }
    : { digits: a.digits + b.digits * power(a.scale - b.scale), scale: a.scale };
}

export function subtract(a: Exact, b: Exact): Exact {
  return add(a, { digits: -b.digits, scale: b.scale });
}

export function multiply(a: Exact, b: Exact): Exact {
  return { digits: a.digits * b.digits, scale: a.scale + b.scale };
}

/**
 * Exact where the quotient has an end (every price per 1, 60, 1000 or 1000000 units); rounded half-even to 24 digits
 * after the point where it has none. A zero divisor gives undefined.
 */
export function divide(a: Exact, b: Exact): Exact | undefined {
  if (b.digits === 0n) return undefined;
  const exponent = powerOfTen(b);
  if (exponent !== undefined) return trim(shift(a, -exponent));
  const scale = Math.max(QUOTIENT_SCALE, a.scale);
  const numerator = a.digits * power(scale - a.scale + b.scale);
  return trim({ digits: divideRounded(numerator, b.digits, 'half-even'), scale });
}

/** Negative, zero or positive, like a sort comparator. */
export function compare(a: Exact, b: Exact): number {
  const { digits } = subtract(a, b);
  return digits < 0n ? -1 : Number(digits > 0n);
}

export function sum(values: Iterable<Exact>): Exact {
  let total = ZERO;
  for (const value of values) total = add(total, value);
  return total;
}

/**
 * The exact sum of decimal strings, as text, however many there are.
 *
 * @throws {ConfigError} for what is not decimal text.
 */
export function sumDecimals(amounts: Iterable<Decimal>): Decimal {
  let total = ZERO;
  for (const amount of amounts) total = add(total, given('sumDecimals', amount));
  return formatDecimal(total);
}

/**
 * Rounds for showing or for one invoice line, once, and keeps the zeros: `roundDecimal('1.005', 2)` is `'1.00'`
 * half-even and `'1.01'` half-up. Half-up rounds away from zero.
 *
 * @throws {ConfigError} for an amount that is not decimal text, or places that are not a whole number from 0 to 100.
 */
export function roundDecimal(amount: Decimal, places: number, rounding: Rounding = 'half-even'): Decimal {
  const value = given('roundDecimal', amount);
  if (!Number.isInteger(places) || places < 0 || places > 100) {
    throw new ConfigError(
      `roundDecimal: expected the places to be a whole number from 0 to 100, got ${describe(places)}.`,
    );
  }
  if (rounding !== 'half-even' && rounding !== 'half-up') {
    throw new ConfigError(
      `roundDecimal: expected the rounding to be 'half-even' or 'half-up', got ${describe(rounding)}.`,
    );
  }
  const digits =
    value.scale <= places
      ? value.digits * power(places - value.scale)
      : divideRounded(value.digits, power(value.scale - places), rounding);
  const negative = digits < 0n;
  const text = (negative ? -digits : digits).toString().padStart(places + 1, '0');
  const whole = text.slice(0, text.length - places);
  return `${negative ? '-' : ''}${whole}${places === 0 ? '' : `.${text.slice(text.length - places)}`}`;
}

/** An amount that came from outside this package. */
function given(where: string, amount: unknown): Exact {
  const value = typeof amount === 'string' ? (read.get(amount) ?? parseDecimal(amount)) : undefined;
  if (value !== undefined) return value;
  throw new ConfigError(
    `${where}: expected an amount as decimal text such as '0.0035', got ${describe(amount)}.`,
  );
}

/** Integer division with rounding of the magnitude, so that both signs behave alike. */
export function divideRounded(numerator: bigint, denominator: bigint, rounding: Rounding): bigint {
  const negative = numerator < 0n !== denominator < 0n;
  const n = numerator < 0n ? -numerator : numerator;
  const d = denominator < 0n ? -denominator : denominator;
  let quotient = n / d;
  const doubled = (n % d) * 2n;
  if (doubled > d || (doubled === d && (rounding === 'half-up' || quotient % 2n === 1n))) quotient += 1n;
  return negative ? -quotient : quotient;
}

function shift(value: Exact, scale: number): Exact {
  const shifted = value.scale - scale;
  return shifted >= 0
    ? { digits: value.digits, scale: shifted }
    : { digits: value.digits * power(-shifted), scale: 0 };
}

function trim(value: Exact): Exact {
  let { digits, scale } = value;
  if (digits === 0n) return ZERO;
  while (scale > 0 && digits % 10n === 0n) {
    digits /= 10n;
    scale -= 1;
  }
  return scale === value.scale ? value : { digits, scale };
}

const POWERS: readonly bigint[] = Array.from({ length: 64 }, (_, exponent) => 10n ** BigInt(exponent));

function power(exponent: number): bigint {
  return POWERS[exponent] ?? 10n ** BigInt(exponent);
}

/** 10^exponent: `tenTo(2)` is 100, `tenTo(-2)` is 0.01. */
export function tenTo(exponent: number): Exact {
  return exponent >= 0 ? { digits: power(exponent), scale: 0 } : { digits: 1n, scale: -exponent };
}

/** 1000000 → 6, 0.1 → -1; undefined when the number is no power of ten. */
export function powerOfTen({ digits, scale }: Exact): number | undefined {
  const index = POWERS.indexOf(digits);
  return index === -1 ? undefined : index - scale;
}
