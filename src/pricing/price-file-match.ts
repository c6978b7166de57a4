import type { Validity } from './price-file.ts';

/** Whether an entry holds at an instant: from its start, until just before its end. */
export function holds({ validFrom, validTo }: Validity, at: Date): boolean {
  return (
    (validFrom === undefined || at >= new Date(validFrom)) &&
    (validTo === undefined || at < new Date(validTo))
  );
}

/** Whether a name is the one in a price file: compared whole, in any case; a trailing `*` stands for anything. */
export function namesIt(pattern: string, name: string): boolean {
  const [wanted, given] = [pattern.toLowerCase(), name.toLowerCase()];
  return wanted.endsWith('*') ? given.startsWith(wanted.slice(0, -1)) : given === wanted;
}
