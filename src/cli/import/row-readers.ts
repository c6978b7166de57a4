import { decimal, type JsonObject, object, text } from '../../base/read.ts';
import { ImportError } from './imported-call.ts';

/** ISO text (UTC where it does not say otherwise), or seconds, milliseconds or microseconds since 1970. */
export function timeOf(value: unknown): Date {
  const number =
    typeof value === 'number'
      ? value
      : typeof value === 'string' && /^\d+(\.\d+)?$/.test(value)
        ? Number(value)
        : undefined;
  const date =
    number === undefined ? new Date(withZone(text(value) ?? '')) : new Date(millisecondsOf(number));
  if (Number.isNaN(date.getTime())) throw new ImportError(`no time: ${JSON.stringify(value) ?? 'absent'}`);
  return date;
}

function withZone(time: string): string {
  const iso = time.replace(' ', 'T');
  return /T\d\d:\d\d/.test(iso) && !/(Z|[+-]\d\d:?\d\d)$/.test(iso) ? `${iso}Z` : iso;
}

function millisecondsOf(number: number): number {
  if (number < 1e11) return number * 1000;
  return number < 1e14 ? number : number / 1000;
}

/** An object, also where it was kept as JSON text. */
export function objectIn(value: unknown): JsonObject | undefined {
  if (typeof value !== 'string') return object(value);
  try {
    return object(JSON.parse(value));
  } catch {
    return undefined;
  }
}

/** A count, also where it was kept as text; negative ones and fractions are none. */
export function countIn(value: unknown): number | undefined {
  if (value === null || value === undefined || value === '') return undefined;
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 0)
    throw new ImportError(`${JSON.stringify(value)} is no count`);
  return number;
}

/** An amount as exact decimal text. */
export function amountIn(value: unknown): string | undefined {
  if (value === null || value === undefined || value === '') return undefined;
  const amount = decimal(value);
  if (amount === undefined) throw new ImportError(`${JSON.stringify(value)} is no amount`);
  return amount;
}

/** Text or a number as text. */
export function textIn(value: unknown): string | undefined {
  return typeof value === 'number' ? String(value) : text(value);
}

/** Scalars and lists of a foreign context: what our own contexts may hold. */
export function contextIn(value: unknown): JsonObject | undefined {
  const given = objectIn(value);
  return given === undefined
    ? undefined
    : Object.fromEntries(Object.entries(given).filter(([, each]) => each !== null));
}

export function required(value: string | undefined, name: string): string {
  if (value === undefined || value === '') throw new ImportError(`no ${name}`);
  return value;
}

/** Milliseconds from a start to an end that is told; undefined where it is not, or lies before. */
export function durationUntil(start: Date, end: unknown): number | undefined {
  if (end === null || end === undefined || end === '') return undefined;
  const duration = timeOf(end).getTime() - start.getTime();
  return duration >= 0 ? duration : undefined;
}
