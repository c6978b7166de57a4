import { compare, type Decimal, exact, exactFromFloat, formatDecimal } from '../base/decimal.ts';
import { known } from '../base/read.ts';
import type { Scope } from './scope.ts';

/** How fast a scope spends, and where that leads. */
export interface Forecast {
  readonly perHour?: Decimal;
  readonly reachesLimitAt?: Date;
}

/**
 * The average of the period so far, carried on: an estimate, so floats will do. Absent where nothing was spent, for a
 * budget without a beginning, and where the limit is reached already or holds until the period ends.
 */
export function forecastOf({ budget, window }: Scope, spent: Decimal, now: Date): Forecast {
  const { start, end } = window;
  const elapsed = start === undefined ? 0 : now.getTime() - start.getTime();
  const used = Number(spent);
  if (elapsed <= 0 || used <= 0) return {};
  const perHour = exactFromFloat((used / elapsed) * HOUR);
  const speed = known({ perHour: perHour && formatDecimal(perHour) });
  if (compare(exact(spent), exact(budget.limit)) >= 0) return speed;
  const at = new Date(now.getTime() + ((Number(budget.limit) - used) / used) * elapsed);
  const isInPeriod = end === undefined || at < end;
  return { ...speed, ...(isInPeriod && { reachesLimitAt: at }) };
}

const HOUR = 3_600_000;
