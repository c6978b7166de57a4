import type { Decimal } from './price.ts';

/**
 * Exact decimal arithmetic on BigInt: the number is `digits` × 10^-`scale`.
 * Nothing is rounded but where a function says so.
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
  return scale >= 0 ? { digits, scale } : { digits: digits * tenTo(-scale), scale: 0 };
}

/** Like `parseDecimal`, for text this package wrote itself. Not a number reads as zero. */
export function exact(value: Decimal): Exact {
  const known = read.get(value);
  if (known !== undefined) return known;
  const parsed = parseDecimal(value) ?? ZERO;
  if (read.size >= MAX_READ) read.clear();
  read.set(value, parsed);
  return parsed;
}

/** Unit prices and factors come again with every call. */
const read = new Map<Decimal, Exact>();
const MAX_READ = 1_000;

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

export function add(a: Exact, b: Exact): Exact {
  if (a.scale === b.scale) return { digits: a.digits + b.digits, scale: a.scale };
  return a.scale < b.scale
    ? { digits: a.digits * tenTo(b.scale - a.scale) + b.digits, scale: b.scale }
    : { digits: a.digits + b.digits * tenTo(a.scale - b.scale), scale: a.scale };
}

export function subtract(a: Exact, b: Exact): Exact {
  return add(a, { digits: -b.digits, scale: b.scale });
}

export function multiply(a: Exact, b: Exact): Exact {
  return { digits: a.digits * b.digits, scale: a.scale + b.scale };
}

/**
 * Exact wherever the quotient ends (every price per 1, 60, 1000 or 1000000 units); else rounded half-even to
 * 24 digits after the point. A zero divisor gives undefined.
 */
export function divide(a: Exact, b: Exact): Exact | undefined {
  if (b.digits === 0n) return undefined;
  const power = powerOfTen(b.digits);
  if (power !== undefined) return trim(shift(a, b.scale - power));
  const scale = Math.max(QUOTIENT_SCALE, a.scale);
  const numerator = a.digits * tenTo(scale - a.scale + b.scale);
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

/** The exact sum of decimal strings, as text: a million of them drift by nothing. */
export function sumDecimals(amounts: Iterable<Decimal>): Decimal {
  let total = ZERO;
  for (const amount of amounts) total = add(total, exact(amount));
  return formatDecimal(total);
}

/**
 * Rounds for showing or for one invoice line, once, and keeps the zeros: `roundDecimal('1.005', 2)` is `'1.00'`
 * half-even and `'1.01'` half-up. Half-up rounds away from zero.
 */
export function roundDecimal(amount: Decimal, places: number, rounding: Rounding = 'half-even'): Decimal {
  const value = exact(amount);
  const digits =
    value.scale <= places
      ? value.digits * tenTo(places - value.scale)
      : divideRounded(value.digits, tenTo(value.scale - places), rounding);
  const negative = digits < 0n;
  const text = (negative ? -digits : digits).toString().padStart(places + 1, '0');
  const whole = text.slice(0, text.length - places);
  return `${negative ? '-' : ''}${whole}${places === 0 ? '' : `.${text.slice(text.length - places)}`}`;
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
    : { digits: value.digits * tenTo(-shifted), scale: 0 };
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

function tenTo(exponent: number): bigint {
  return POWERS[exponent] ?? 10n ** BigInt(exponent);
}

/** 1000000n → 6; undefined when the number is no power of ten. */
function powerOfTen(digits: bigint): number | undefined {
  const index = POWERS.indexOf(digits);
  return index === -1 ? undefined : index;
}
