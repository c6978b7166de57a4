import { type Decimal, type Exact, parseDecimal } from '../../base/decimal.ts';

/** Digits after the point that `amount_e15` holds. */
export const AMOUNT_SCALE = 15;
/** An amount's integer may use all 64 bits, so sums are kept in whole units and the rest. */
export const UNIT: bigint = 10n ** BigInt(AMOUNT_SCALE);

const MAX_INTEGER = 2n ** 63n - 1n;

/** The amount in units of 1e-15; `null` when it is finer than that, or more than SQLite's integers hold. */
export function amountUnits(amount: Decimal): number | bigint | null {
  const small = smallUnits(amount);
  if (small !== undefined) return small;
  const value = parseDecimal(amount);
  if (value === undefined || value.scale > AMOUNT_SCALE) return null;
  const units = value.digits * 10n ** BigInt(AMOUNT_SCALE - value.scale);
  return units > MAX_INTEGER || units < -MAX_INTEGER ? null : units;
}

const PLAIN = /^-?\d+(?:\.\d+)?$/;

/** Most amounts: plain text whose integers all are safe, so that multiplying them is exact. */
function smallUnits(amount: Decimal): number | undefined {
  if (amount.length > 17 || !PLAIN.test(amount)) return undefined;
  const point = amount.indexOf('.');
  const scale = point === -1 ? 0 : amount.length - point - 1;
  if (scale > AMOUNT_SCALE) return undefined;
  const digits = Number(point === -1 ? amount : amount.slice(0, point) + amount.slice(point + 1));
  const units = digits * 10 ** (AMOUNT_SCALE - scale);
  return Number.isSafeInteger(digits) && Number.isSafeInteger(units) ? units : undefined;
}

/** A sum that SQL returned as two texts. */
export function joined(whole: unknown, rest: unknown): Exact {
  return { digits: toBigInt(whole) * UNIT + toBigInt(rest), scale: AMOUNT_SCALE };
}

function toBigInt(value: unknown): bigint {
  return typeof value === 'string' || typeof value === 'bigint' ? BigInt(value) : 0n;
}
