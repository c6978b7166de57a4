import type { Series } from '../../api.ts';

/** The style sheet's name of a group's colour: the same in the chart, its legend and its tooltip. */
export function colourOf(series: Series, index: number): string {
  if (series.is_rest) return '--series-rest';
  return series.unattributed ? '--series-nobody' : `--series-${(index % 8) + 1}`;
}

/** The colour itself, in the mode of now. */
export function valueOf(colour: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(colour).trim();
}
