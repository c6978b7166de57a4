import { stringify } from 'csv-stringify/sync';
import { object, text } from '../base/read.ts';
import { harmlessCell, marked } from '../base/spreadsheet-cell.ts';

/** A `word` is one of ours, `unassigned`, and stands as it is; text that reads the same gets an apostrophe. */
export type CsvValue = string | number | null | undefined | { readonly word: string };

/**
 * Lines of CSV (RFC 4180, `\r\n`), a header first where one is given; an unknown value is an empty field. Control
 * characters stay what they are: a key must be the same key in every file.
 *
 * A cell that a spreadsheet would run as a formula, one that begins with an apostrophe, and one that reads like a word
 * of ours gets an apostrophe before it. Programs take off one leading apostrophe, `readCell`, and have the text as it
 * was.
 */
export function toCsv(
  records: readonly (readonly CsvValue[])[],
  header?: readonly string[],
  words: ReadonlySet<string> = NO_WORDS,
): string {
  return stringify([...(header === undefined ? [] : [header]), ...records], {
    record_delimiter: 'windows',
    // A line feed alone ends a record for most readers; the library quotes it only as part of `\r\n`.
    quoted_match: /[\r\n]/,
    cast: { string: (cell) => (words.has(cell) ? marked(cell) : harmlessCell(cell)), object: wordOf },
  });
}

const NO_WORDS: ReadonlySet<string> = new Set();

function wordOf(value: unknown): string {
  return text(object(value)?.word) ?? '';
}
