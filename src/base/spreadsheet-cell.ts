/** What Excel, LibreOffice or Google Sheets take for a formula, full-width forms included; and our own mark. */
const FORMULA = /^[=+\-@\t\r\n'＝＋－＠]/;
const NUMBER = /^-?\d+(\.\d+)?$/;

/**
 * Text as a cell that no spreadsheet runs: `=1+1` → `'=1+1`. Numbers, negative ones included, are no formulas.
 * Programs take off one leading apostrophe and have the text as it was.
 */
export function harmlessCell(text: string): string {
  return FORMULA.test(text) && !NUMBER.test(text) ? marked(text) : text;
}

/** With the apostrophe that one reader takes off again. */
export function marked(text: string): string {
  return `'${text}`;
}

/** The text of a cell: `'=1+1` → `=1+1`. */
export function readCell(cell: string): string {
  return cell.startsWith("'") ? cell.slice(1) : cell;
}
