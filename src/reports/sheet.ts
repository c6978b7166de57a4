import { toCsv } from './csv.ts';
import { printable } from './labels.ts';
import { layOut } from './table.ts';

/** An answer as columns and rows, for every format. Names come first; what is unknown is null. */
export interface Sheet {
  readonly title: string;
  readonly names: readonly string[];
  readonly numbers: readonly string[];
  readonly rows: readonly (readonly (string | number | null)[])[];
  /** What the reader must know before trusting the figures. */
  readonly notes?: readonly string[];
}

/** For a terminal. */
export function sheetToTable({ title, names, numbers, rows, notes = [] }: Sheet, width?: number): string {
  if (rows.length === 0)
    return `${[title, '', 'No calls.', ...(notes.length === 0 ? [] : ['', ...notes])].join('\n')}\n`;
  const cells = rows.map((row) => row.map((cell) => (cell === null ? '' : printable(String(cell)))));
  const head = [...names, ...numbers].map((name) => name.replaceAll('_', ' '));
  const lines = layOut(
    head,
    cells,
    width === undefined ? { names: names.length } : { names: names.length, width },
  );
  return `${[title, '', ...lines, ...(notes.length === 0 ? [] : ['', ...notes])].join('\n')}\n`;
}

export function sheetToCsv({ names, numbers, rows }: Sheet): string {
  return toCsv(rows, [...names, ...numbers]);
}

/** One object per row. */
export function sheetToJson({ names, numbers, rows, notes = [] }: Sheet): object {
  const keys = [...names, ...numbers];
  return {
    rows: rows.map((row) => Object.fromEntries(keys.map((key, index) => [key, row[index] ?? null]))),
    notes,
  };
}
