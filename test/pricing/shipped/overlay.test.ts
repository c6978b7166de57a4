import { describe, expect, test } from 'vitest';
import { matchingModel } from '../../../src/pricing/shipped/match-rule.ts';
import { catalogueModels, cataloguePrice } from '../../../src/pricing/shipped/catalogue.ts';
import { parseDecimal } from '../../../src/base/decimal.ts';
import { CONDITION_ROWS, MODEL_ROWS, OVERLAY_REVIEWED } from '../../../src/pricing/shipped/overlay/index.ts';
import { isDeepSeekPeak } from '../../../src/pricing/shipped/overlay/deepseek.ts';
import { catalogueIds } from '../../../src/providers/spelling.ts';
import { METERS, type Rate } from '../../../src/pricing/rate-card.ts';
import { NOON } from '../price-of.ts';

const ROWS = [...MODEL_ROWS, ...CONDITION_ROWS];

/** One line per rate of the overlay that names a model: ours, and what the catalogue says today. */
function comparison(): { readonly model: string; readonly line: string; readonly same: boolean }[] {
  return MODEL_ROWS.filter(({ kind }) => kind !== 'default').flatMap((row) => {
    const providers = typeof row.provider === 'string' ? [row.provider] : row.provider;
    return providers.flatMap((provider) =>
      row.models.map((model) => {
        const name = row.fineTuned === true ? `ft:${model}` : model;
        const at = row.validFrom === undefined ? NOON : new Date(row.validFrom);
        const theirs = catalogueRates(provider, name, at);
        const shown = Object.entries(row.rates ?? {}).map(
          ([meter, rate]) => `${meter} ${show(rate)} (${show(theirs?.[meter as keyof typeof theirs])})`,
        );
        const rates = Object.entries(row.rates ?? {});
        // Two hours on, because the catalogue's daily windows may be what is wrong.
        const later = catalogueRates(provider, name, new Date(at.getTime() + 2 * 3_600_000));
        const same = rates.every(([meter, rate]) =>
          [theirs, later].every(
            (catalogue) =>
              JSON.stringify(rate) === JSON.stringify(catalogue?.[meter as keyof typeof catalogue] ?? null),
          ),
        );
        const parameters = Object.entries(row.parameters ?? {}).map(
          ([key, values]) => `${key}=${values.join('|')}`,
        );
        const when = [row.validFrom, ...parameters].filter((part) => part !== undefined).join(' ');
        return {
          line: `${provider}/${name}${when === '' ? '' : ` [${when}]`}: ${row.free ?? shown.join(', ')}`,
          model: `${provider}/${name}`,
          same: row.free === undefined && same,
        };
      }),
    );
  });
}

function catalogueRates(provider: string, name: string, at: Date) {
  for (const id of catalogueIds(provider, name)) {
    const model = matchingModel(catalogueModels(id), name);
    if (model !== undefined) return cataloguePrice(model, at).rates;
  }
  return undefined;
}

function show(rate: Rate | undefined): string {
  if (rate === undefined) return 'none';
  const steps = (rate.longContext ?? []).map(({ above, price }) => ` >${above}: ${price}`);
  return `${rate.price}/${rate.per}${steps.join('')}`;
}

describe('the overlay', () => {
  test('has nothing the catalogue has caught up with', () => {
    const rows = Object.values(Object.groupBy(comparison(), ({ model }) => model)).map(
      (group) => group ?? [],
    );
    expect(rows.filter((group) => group.every(({ same }) => same))).toEqual([]);
  });

  test('disagrees with the catalogue exactly where it was reviewed to', async () => {
    // A change here means the catalogue moved: look at the row and at its source, then update the file.
    const lines = comparison().map(({ line }) => line);
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('overlay-and-catalogue.txt');
  });

  test('names the page and the day of its source, and whole minutes, for every row', () => {
    for (const row of ROWS) {
      expect(URL.parse(row.source)?.protocol).toBe('https:');
      expect(row.source).not.toContain(' ');
      expect(row.asOf ?? OVERLAY_REVIEWED).toMatch(/^2026-\d\d-\d\d$/);
      for (const instant of [row.validFrom, row.validTo]) {
        if (instant !== undefined)
          expect(new Date(instant).toISOString()).toBe(instant.replace(/00Z$/, '00.000Z'));
      }
    }
  });

  test('has plain decimal prices on known meters', () => {
    for (const { rates = {} } of ROWS) {
      for (const [meter, rate] of Object.entries(rates)) {
        expect(METERS).toContain(meter);
        expect(rate.price).toMatch(/^\d+(\.\d+)?$/);
        expect(parseDecimal(rate.per)).toBeDefined();
      }
    }
  });

  test.each([
    ['Monday 01:00', '2026-08-17T01:00:00Z', true],
    ['Monday 00:59', '2026-08-17T00:59:59.999Z', false],
    ['Friday 09:59', '2026-08-21T09:59:59.999Z', true],
    ['Friday 10:00', '2026-08-21T10:00:00Z', false],
    ['Saturday 02:00', '2026-08-22T02:00:00Z', false],
    ['Sunday 02:00', '2026-08-23T02:00:00Z', false],
    ['National Day 02:00', '2026-10-01T02:00:00Z', false],
    ['the Thursday after the holidays', '2026-10-08T02:00:00Z', true],
  ])('DeepSeek’s clock: %s', (_when, at, peak) => {
    expect(isDeepSeekPeak(new Date(at))).toBe(peak);
  });
});
