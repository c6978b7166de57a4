import { type Decimal, exact, formatDecimal, multiply, roundDecimal } from '../../../base/decimal.ts';

/** `'0.125'` → `12.5 %` */
export function formatPercent(share: Decimal, places = 1): string {
  const percent = roundDecimal(formatDecimal(multiply(exact(share), exact('100'))), places);
  return `${percent.replace('-', '−')} %`;
}

/** `'0.125'` → `+12.5 %` */
export function formatChange(change: Decimal): string {
  return `${change.startsWith('-') ? '' : '+'}${formatPercent(change)}`;
}
