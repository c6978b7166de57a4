import { harmlessCell } from '../../../base/spreadsheet-cell.ts';

/** What of a table's column goes into a file; one without `text` stays on the page. */
interface CsvColumn<Row> {
  readonly head: string;
  readonly text?: (row: Row) => string | number | null | undefined;
}

/** A table as CSV (RFC 4180), by the rules of docs/reports.md: a cell that a spreadsheet would run gets an apostrophe. */
export function csvText<Row>(columns: readonly CsvColumn<Row>[], rows: readonly Row[]): string {
  const kept = columns.filter((column) => column.text !== undefined);
  const lines = rows.map((row) => kept.map(({ text }) => cellOf(text?.(row))));
  return [kept.map(({ head }) => cellOf(head)), ...lines].map((line) => `${line.join(',')}\r\n`).join('');
}

function cellOf(value: string | number | null | undefined): string {
  const text = harmlessCell(String(value ?? ''));
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
