import stringWidth from 'string-width';

export interface TableLayout {
  /** How many columns, from the left, are names: aligned left, and shortened where the table is too wide. */
  readonly names: number;
  /** The terminal's width. Default: as wide as it takes. */
  readonly width?: number;
}

/** No frame: what is printed can be pasted and searched. */
const GAP = '  ';
/** A name is not cut below this, whatever the terminal: less says nothing. */
const LEAST = 8;

/**
 * Lines of a table: names to the left, numbers to the right. In a narrow terminal the widest names end in an
 * ellipsis; numbers are never cut. `footer` stands below a rule.
 */
export function layOut(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  { names, width = Number.POSITIVE_INFINITY }: TableLayout,
  footer: readonly (readonly string[])[] = [],
): string[] {
  const widths = fitted(widthsOf([head, ...rows, ...footer], head.length), names, width);
  const rule = '─'.repeat(total(widths));
  const print = (cells: readonly string[]): string =>
    cells
      .map((cell, index) => {
        const space = widths[index] ?? 0;
        const shown = index < names ? shortened(cell, space) : cell;
        const padding = ' '.repeat(Math.max(0, space - stringWidth(shown)));
        return index < names ? shown + padding : padding + shown;
      })
      .join(GAP)
      .trimEnd();
  return [
    print(head),
    rule,
    ...rows.map(print),
    ...(footer.length === 0 ? [] : [rule, ...footer.map(print)]),
  ];
}

/** The narrowest that a table can become without cutting a number. */
export function narrowest(lines: readonly (readonly string[])[], columns: number, names: number): number {
  return total(widthsOf(lines, columns).map((own, index) => (index < names ? Math.min(own, LEAST) : own)));
}

function widthsOf(lines: readonly (readonly string[])[], columns: number): number[] {
  const widths = Array.from({ length: columns }, () => 0);
  for (const line of lines) {
    for (let index = 0; index < columns; index++)
      widths[index] = Math.max(widths[index] ?? 0, stringWidth(line[index] ?? ''));
  }
  return widths;
}

/** Takes from the widest name, character by character, until the table fits or no name can give more. */
function fitted(widths: readonly number[], names: number, width: number): number[] {
  const result = [...widths];
  for (let excess = total(result) - width; excess > 0; excess--) {
    let widest = -1;
    for (let index = 0; index < names; index++) {
      const own = result[index] ?? 0;
      if (own > LEAST && own > (result[widest] ?? 0)) widest = index;
    }
    if (widest === -1) break;
    result[widest] = (result[widest] ?? 0) - 1;
  }
  return result;
}

function total(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width + GAP.length, -GAP.length);
}

/** `a very long name` → `a very lon…`; wide characters count twice. */
export function shortened(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let result = '';
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (stringWidth(result + segment) > width - 1) break;
    result += segment;
  }
  return `${result}…`;
}
