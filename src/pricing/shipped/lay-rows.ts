import { type Decimal, exact, formatDecimal, multiply } from '../../base/decimal.ts';
import { known } from '../../base/read.ts';
import { type Meter, type PriceSource, type Rate, type RateCard, rateFor } from '../rate-card.ts';
import type { PricedCall } from './find-model.ts';
import { isBuildSuffix } from './model-id.ts';
import { OVERLAY_REVIEWED, OVERLAY_VERSION } from './overlay/index.ts';
import type { ModelRow, OverlayRow } from './overlay/overlay.ts';

/** `costspan-overlay@2026-11-30` */
export const OVERLAY_NAME: string = `costspan-overlay@${OVERLAY_VERSION}`;

/** The row's rates over the card's. */
export function withRow(card: RateCard, row: ModelRow): RateCard {
  const meters = Object.keys(row.rates ?? {}) as Meter[];
  return withDetails({ ...withReference(card, row), rates: { ...card.rates, ...row.rates } }, row, meters);
}

/** The row's rates where the card has none. */
export function withDefaults(card: RateCard, row: ModelRow): RateCard {
  const rates: { -readonly [M in Meter]?: Rate } = { ...row.rates, ...card.rates };
  for (const { meter, from, factor } of row.derived ?? []) {
    const base = card.rates[from];
    if (rateFor(rates, meter) === undefined && base !== undefined) rates[meter] = scaledRate(base, factor);
  }
  const meters = (Object.keys(rates) as Meter[]).filter((meter) => card.rates[meter] === undefined);
  const supplement = { list: OVERLAY_NAME, meters: [...(card.supplement?.meters ?? []), ...meters] };
  return withDetails({ ...card, rates, supplement }, row, meters);
}

/** The rest of a row; `meters` = those it gave the card a rate for. */
function withDetails(card: RateCard, row: ModelRow, meters: readonly Meter[]): RateCard {
  const { note } = row;
  const isSource = meters.length > 0 || row.free !== undefined;
  return {
    ...card,
    ...(isSource ? { sources: [...(card.sources ?? []), sourceOf(row)] } : {}),
    ...(note === undefined
      ? {}
      : { notes: { ...card.notes, ...Object.fromEntries(meters.map((meter) => [meter, note])) } }),
    shared: [...(card.shared ?? []), ...(row.shared ?? [])],
    unbilled: [...(card.unbilled ?? []), ...(row.unbilled ?? [])],
    ...known({ free: row.free ?? card.free }),
  };
}

export function sourceOf({ source, asOf = OVERLAY_REVIEWED }: OverlayRow): PriceSource {
  return { list: OVERLAY_NAME, source, asOf };
}

/** The row as a source of the card's price, with its validity. */
export function withReference(card: RateCard, row: OverlayRow): RateCard {
  const { list, ...reference } = card.reference;
  return {
    ...card,
    reference: known({
      ...reference,
      list: list.includes(OVERLAY_NAME) ? list : `${list}+${OVERLAY_NAME}`,
      validFrom: row.validFrom ?? reference.validFrom,
      validTo: row.validTo ?? reference.validTo,
    }),
  };
}

function scaledRate(rate: Rate, factor: Decimal): Rate {
  const scale = (price: Decimal): Decimal => formatDecimal(multiply(exact(price), exact(factor)));
  const longContext = rate.longContext?.map((step) => ({ ...step, price: scale(step.price) }));
  return known({ ...rate, price: scale(rate.price), longContext });
}

/** The rows of one provider: a call looks at its own, not at everybody's. */
export function byProvider<Row extends OverlayRow>(
  rows: readonly Row[],
): ReadonlyMap<string, readonly Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    for (const provider of [row.provider].flat()) {
      const group = groups.get(provider);
      if (group === undefined) groups.set(provider, [row]);
      else group.push(row);
    }
  }
  return groups;
}

/** Whether a row holds at the instant of the call. */
export function isCurrent({ validFrom, validTo }: OverlayRow, { instant }: PricedCall): boolean {
  return (
    (validFrom === undefined || instant >= toMilliseconds(validFrom)) &&
    (validTo === undefined || instant < toMilliseconds(validTo))
  );
}

/** `…T16:00:00Z` → `…T16:00:00.000Z`, the form of `toISOString`. */
function toMilliseconds(instant: string): string {
  return instant.replace('Z', '.000Z');
}

export function matchesPattern(pattern: string, name: string): boolean {
  if (pattern.endsWith('*')) return name.startsWith(pattern.slice(0, -1));
  if (pattern.startsWith('*')) return name.endsWith(pattern.slice(1));
  return name.startsWith(pattern) && isBuildSuffix(name.slice(pattern.length));
}
