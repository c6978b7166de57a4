import type { Validity } from './price-file.ts';

/** Whether an entry holds at an instant: from its start, until just before its end. */
export function holds({ validFrom, validTo }: Validity, at: Date): boolean {
  return (
    (validFrom === undefined || at >= new Date(validFrom)) &&
    (validTo === undefined || at < new Date(validTo))
  );
}
