import { expect, test } from 'vitest';
import { harmlessCell, readCell } from '../../src/base/spreadsheet-cell.ts';
import { csvText } from '../../src/dashboard/page/format/csv.ts';
import { toCsv } from '../../src/reports/csv.ts';

test.each(['=1+1', '+1', '-1+1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', "'quoted", '＝1', '＋1', '－1', '＠A1'])(
  '%j is marked, and read as it was',
  (text) => {
    expect(harmlessCell(text)).toBe(`'${text}`);
    expect(readCell(harmlessCell(text))).toBe(text);
  },
);

test.each(['', 'acme', '-12.50', '-1', '12', 'a=b', ' =1', '1e-7'])('%j stays as it is', (text) => {
  expect(harmlessCell(text)).toBe(text);
});

test('the page writes the same cells as the reports', () => {
  const cells = ['=1+1', '-12.50', "'it", 'a,"b"', 'two\nlines', 'two\rlines', '＝x', 'acme', ''];
  const page = csvText(
    cells.map((cell) => ({ head: cell, text: () => cell })),
    [{}],
  );
  expect(page).toBe(toCsv([cells, cells]));
});
