import { isBuildOf } from '../shipped/find-model.ts';
import type { Validity } from './price-file.ts';

/** Whether an entry holds at an instant: from its start, until just before its end. */
export function holds({ validFrom, validTo }: Validity, at: Date): boolean {
  return (
    (validFrom === undefined || at >= new Date(validFrom)) &&
    (validTo === undefined || at < new Date(validTo))
  );
}

/** The row with the latest start of those that hold at an instant; one without a start is the oldest. */
export function newest<Row extends Validity>(rows: readonly Row[], at: Date): Row | undefined {
  let found: Row | undefined;
  for (const row of rows) {
    if (holds(row, at) && (found === undefined || startOf(row) > startOf(found))) found = row;
  }
  return found;
}

function startOf({ validFrom }: Validity): number {
  return validFrom === undefined ? -Infinity : new Date(validFrom).getTime();
}

/** Whether a name is the one in a price file: compared whole, in any case; a trailing `*` stands for anything. */
export function namesIt(pattern: string, name: string): boolean {
  const [wanted, given] = [pattern.toLowerCase(), name.toLowerCase()];
  return wanted.endsWith('*') ? given.startsWith(wanted.slice(0, -1)) : given === wanted;
}

/**
 * How closely a row's model is the one that ran; undefined when it is another. The very name is closest, then a build
 * of it (`gpt-4o-mini` serves `gpt-4o-mini-2024-07-18` and not `gpt-4o-mini-tts`), then the longest beginning.
 */
export function closeness(pattern: string, name: string, provider: string): number | undefined {
  if (namesIt(pattern, name)) return pattern.endsWith('*') ? pattern.length : 2 * WHOLE_NAME;
  const [wanted, given] = [pattern.toLowerCase(), name.toLowerCase()];
  return isBuildOf(wanted, given, provider) ? WHOLE_NAME + wanted.length : undefined;
}

/** Longer than any model's name. */
const WHOLE_NAME = 10_000;
