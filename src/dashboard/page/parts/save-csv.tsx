import type { VNode } from 'preact';
import { csvText } from '../format/csv.ts';
import type { Column } from './table.tsx';

/** A table that is whole on the page, as a file. */
export function SaveCsv<Row>({
  name,
  columns,
  rows,
}: {
  readonly name: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
}): VNode {
  const save = (event: MouseEvent): void => {
    const link = event.currentTarget;
    if (!(link instanceof HTMLAnchorElement)) return;
    URL.revokeObjectURL(link.href);
    link.href = URL.createObjectURL(new Blob([csvText(columns, rows)], { type: 'text/csv' }));
  };
  return (
    <a class="csv" href="#csv" download={`${name}.csv`} aria-label={`Download ${name} as CSV`} onClick={save}>
      CSV
    </a>
  );
}
