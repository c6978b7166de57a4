import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { catalogueModule } from '../../../scripts/catalogue.ts';
import {
  CATALOGUE_DATE,
  CATALOGUE_NAME,
  catalogueModels,
  catalogueProblem,
  catalogueSources,
} from '../../../src/pricing/shipped/catalogue.ts';

describe('the catalogue as a module of ours', () => {
  test('is what the pinned package says; `node scripts/catalogue.ts` brings it up to date', async () => {
    const kept = readFileSync(
      new URL('../../../src/pricing/shipped/catalogue-data.ts', import.meta.url),
      'utf8',
    );
    expect(kept === (await catalogueModule())).toBe(true);
  });

  test('knows its version, its day and the pages it was read from', () => {
    expect(CATALOGUE_NAME).toBe('genai-prices@0.1.8');
    expect(CATALOGUE_DATE).toBe('2026-09-23');
    expect(catalogueSources('openai')[0]).toMatch(/^https:/);
  });

  test('gives no models for a name that only contains a provider’s', () => {
    expect(catalogueModels('my-openai-proxy')).toEqual([]);
    expect(catalogueModels('constructor')).toEqual([]);
  });

  test('says so when a bundler put an empty module in its place', () => {
    expect(catalogueProblem([])).toMatch(/^the price catalogue is not loaded: .*bundle/);
    expect(catalogueProblem()).toBeUndefined();
  });
});
