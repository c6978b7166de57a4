import { stringify } from 'csv-stringify/sync';
import { object, text } from '../base/read.ts';

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
    cast: { string: (cell) => writeCell(cell, words), object: wordOf },
  });
}

/** Text as a cell: `=1+1` → `'=1+1`. Numbers, negative ones included, are no formulas. */
export function writeCell(cell: string, words: ReadonlySet<string> = NO_WORDS): string {
  return (FORMULA.test(cell) && !NUMBER.test(cell)) || words.has(cell) ? `'${cell}` : cell;
}

const NO_WORDS: ReadonlySet<string> = new Set();

function wordOf(value: unknown): string {
  return text(object(value)?.word) ?? '';
}

/** The text of a cell: `'=1+1` → `=1+1`. */
export function readCell(cell: string): string {
  return cell.startsWith("'") ? cell.slice(1) : cell;
}

/** What Excel, LibreOffice or Google Sheets take for a formula, full-width forms included; and our own mark. */
const FORMULA = /^[=+\-@\t\r\n'＝＋－＠]/;
const NUMBER = /^-?\d+(\.\d+)?$/;
