import { ConfigError } from '../../base/errors.ts';
import { didYouMean } from '../../base/spelling.ts';
import { canonicalProvider } from '../../providers/spelling.ts';
import { QUANTITIES } from '../../usage/quantities.ts';
import { misspeltProvider } from '../shipped/known-names.ts';
import type { PriceFile, UserAlias, Validity } from './price-file.ts';

/**
 * What no row says by itself: two rows that claim the same, aliases in a circle, a provider or quantity that is
 * probably misspelt.
 *
 * @throws {ConfigError} `costspan.prices.yaml: models[0] and models[3] both price openai/gpt-4o from …`
 */
export function checkRows(where: string, file: PriceFile): void {
  const { models = [], aliases = [], discounts = [], services = [], rateCards = [], currencies = [] } = file;
  for (const [list, rows] of Object.entries({ models, aliases, discounts })) {
    for (const [index, { provider }] of rows.entries())
      checkProvider(`${where}: ${list}[${index}]`, provider);
  }
  for (const [index, card] of rateCards.entries()) {
    checkProvider(`${where}: rate_cards[${index}].when`, card.when?.provider);
    checkQuantities(`${where}: rate_cards[${index}]`, Object.keys(card.prices ?? {}), services);
  }
  checkOverlaps(where, 'models', models, ({ provider, model }) => nameOf(provider, model));
  checkOverlaps(where, 'services', services, ({ service }) => service);
  checkOverlaps(where, 'currencies', currencies, ({ from, to }) => `${from} in ${to}`);
  checkCircles(where, aliases);
}

/**
 * The newest row that holds counts, so that a new price may stand anywhere in the file and an undated row is what
 * held before. Two rows that start together, and a row that begins before another one of a stated end is over, leave
 * open which counts.
 */
function checkOverlaps<Row extends Validity>(
  where: string,
  list: string,
  rows: readonly Row[],
  subjectOf: (row: Row) => string,
): void {
  const bySubject = Map.groupBy(rows.entries(), ([, row]) => subjectOf(row));
  for (const [subject, entries] of bySubject) {
    for (const [at, [index, row]] of entries.entries()) {
      for (const [other, next] of entries.slice(at + 1)) {
        if (!areContradictory(row, next)) continue;
        throw new ConfigError(
          `${where}: ${list}[${index}] and ${list}[${other}] both hold for ${subject} ${periodOf(row)} and ${periodOf(next)}. ` +
            `Give the newer one a later valid_from, and the older one no valid_to beyond it.`,
        );
      }
    }
  }
}

function areContradictory(a: Validity, b: Validity): boolean {
  const [startA, startB] = [timeOf(a.validFrom, -Infinity), timeOf(b.validFrom, -Infinity)];
  if (startA === startB) return true;
  const [earlier, laterStart] = startA < startB ? [a, startB] : [b, startA];
  return earlier.validTo !== undefined && timeOf(earlier.validTo, Infinity) > laterStart;
}

function periodOf({ validFrom, validTo }: Validity): string {
  const from = validFrom === undefined ? 'ever since' : `from ${instantOf(validFrom)}`;
  return validTo === undefined ? from : `${from} until ${instantOf(validTo)}`;
}

function timeOf(instant: string | undefined, otherwise: number): number {
  return instant === undefined ? otherwise : new Date(instant).getTime();
}

function instantOf(instant: string): string {
  return new Date(instant).toISOString();
}

/** Follows each alias to its end; patterns name no one model and are followed when a call comes. */
function checkCircles(where: string, aliases: readonly UserAlias[]): void {
  const next = new Map(
    aliases
      .filter(({ is, model }) => is !== undefined && !model.endsWith('*'))
      .map(({ provider, model, is, isProvider }) => [
        nameOf(provider, model),
        nameOf(isProvider ?? provider, is ?? model),
      ]),
  );
  for (const start of next.keys()) {
    const way = [start];
    for (let at = next.get(start); at !== undefined; at = next.get(at)) {
      way.push(at);
      if (at === start) throw new ConfigError(`${where}: the aliases lead in a circle: ${way.join(' → ')}.`);
      if (way.length > next.size) break;
    }
  }
}

function nameOf(provider: string, model: string): string {
  return `${canonicalProvider(provider)}/${model.toLowerCase()}`;
}

function checkProvider(place: string, provider: string | undefined): void {
  const near = provider === undefined ? undefined : misspeltProvider(provider);
  if (near !== undefined) throw new ConfigError(`${place}: there is no provider '${provider}'.${near}`);
}

function checkQuantities(
  place: string,
  names: readonly string[],
  services: PriceFile['services'] = [],
): void {
  const known = [
    'requests',
    ...Object.values(QUANTITIES),
    ...services.flatMap(({ prices }) => Object.keys(prices)),
  ];
  for (const name of names) {
    if (known.includes(name)) continue;
    const near = didYouMean(name, known, Math.floor(name.length / 4));
    if (near !== '') throw new ConfigError(`${place}.prices: there is no quantity '${name}'.${near}`);
  }
}
