import type { ComponentChildren, VNode } from 'preact';

/** A column of a table. */
export interface Column<Row> {
  readonly head: string;
  readonly cell: (row: Row) => ComponentChildren;
  /** Its value in a file; exact, not rounded. */
  readonly text?: (row: Row) => string | number | null | undefined;
  /** `number`: aligned to the right; `title`: what the row is about; `narrow`: on one line; `wide`: not on a phone. */
  readonly kind?: 'number' | 'title' | 'narrow' | 'wide' | 'number wide';
  /** Of the last line, over all rows. */
  readonly foot?: ComponentChildren;
}

/** A table that scrolls sideways where it does not fit, by keyboard as well. */
export function Table<Row>({
  name,
  columns,
  rows,
  keyOf,
  rowClass,
}: {
  /** What it lists, for who cannot see it. */
  readonly name: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  readonly rowClass?: (row: Row) => string | undefined;
}): VNode {
  const classOf = ({ kind }: Column<Row>): string | undefined => (kind === 'title' ? undefined : kind);
  return (
    <section class="scroll" aria-label={`${name}: table`} tabIndex={0}>
      <table>
        <caption class="hidden">{name}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.head} scope="col" class={classOf(column)}>
                {column.head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)} class={rowClass?.(row)}>
              {columns.map((column) =>
                column.kind === 'title' ? (
                  <th key={column.head} scope="row">
                    {column.cell(row)}
                  </th>
                ) : (
                  <td key={column.head} class={classOf(column)}>
                    {column.cell(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
        {columns.some(({ foot }) => foot !== undefined) && (
          <tfoot>
            <tr>
              {columns.map((column) => (
                <td key={column.head} class={classOf(column)}>
                  {column.foot}
                </td>
              ))}
            </tr>
          </tfoot>
        )}
      </table>
    </section>
  );
}
