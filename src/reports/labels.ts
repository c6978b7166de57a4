import type { Dimension } from '../ledger/ledger.ts';
import type { ReportLine } from './report.ts';

/** The value of a dimension as people read it: a missing one is named, not blank. */
export function groupLabel(line: ReportLine, dimension: Dimension): string {
  const value = line.group[dimension] ?? null;
  if (value !== null) return printable(value);
  if (dimension !== 'customer') return '(unknown)';
  return line.unattributed ? '(unattributed)' : '(nobody)';
}

/** Text that came from outside, safe to print: control characters, which could steer a terminal, are escaped. */
export function printable(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
