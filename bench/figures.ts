/** What one process measured: figures by name. */
export type Figures = Readonly<Record<string, number>>;

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** `12.3 [11.9..13]`: the median and the quartiles. */
export function spread(values: readonly number[]): string {
  if (values.length === 0) return '–';
  const [low, middle, high] = [0.25, 0.5, 0.75].map((share) => short(quantile(values, share)));
  return `${middle} [${low}..${high}]`;
}

/** Three significant digits. */
export function short(value: number): string {
  if (Number.isNaN(value)) return '–';
  const rounded = Number(value.toPrecision(3));
  return rounded.toLocaleString('en-US', { maximumFractionDigits: 3 });
}

/** A table in Markdown; numbers stand to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, column) => (column === 0 ? '---' : '---:'))), ...rows.map(line)].join(
    '\n',
  );
}
