import { expect, test } from 'vitest';
import { CATALOGUE_PROVIDERS, catalogueModels } from '../../../src/pricing/shipped/catalogue.ts';
import { CONDITION_ROWS, MODEL_ROWS } from '../../../src/pricing/shipped/overlay/index.ts';
import { isDeepSeekPeak } from '../../../src/pricing/shipped/overlay/deepseek.ts';
import { addProvider } from '../../../src/providers/registry.ts';
import { pricedCard } from '../../../src/pricing/shipped/priced-card.ts';
import type { PriceQuery } from '../../../src/pricing/price.ts';

const at = (instant: string) => new Date(instant);
const call = (more: Partial<PriceQuery> = {}): PriceQuery => ({
  provider: 'openai',
  responseModel: 'gpt-4o',
  at: at('2026-11-20T10:00:00Z'),
  ...more,
});

test('what was worked out for a call serves the others of its minute', () => {
  const first = pricedCard(call());
  expect(pricedCard(call({ at: at('2026-11-20T10:00:59.999Z') }))).toBe(first);
  expect(pricedCard(call({ at: at('2026-11-20T10:01:00Z') }))).not.toBe(first);
});

test.each<[string, Partial<PriceQuery>]>([
  ['another model', { responseModel: 'gpt-4.1' }],
  ['another requested model', { requestModel: 'gpt-4o' }],
  ['another provider', { provider: 'azure.ai.openai' }],
  ['a tier', { serviceTier: 'flex' }],
  ['a batch', { batch: true }],
  ['a speed', { speed: 'fast' }],
  ['a geography', { inferenceGeo: 'us' }],
  ['a host', { serverAddress: 'eu.api.openai.com' }],
  ['a region', { region: 'us-east5' }],
  ['a deployment', { deploymentType: 'datazone' }],
  ['an operation', { operation: 'create_container' }],
  ['parameters', { parameters: { web_search_tool: 'web_search_preview' } }],
])('%s is worked out by itself', (_what, more) => {
  expect(pricedCard(call(more))).not.toBe(pricedCard(call()));
  const again = pricedCard(call(more));
  expect(pricedCard(call({ ...more, ...(more.parameters && { parameters: { ...more.parameters } }) }))).toBe(
    again,
  );
});

test('forgets the kinds of calls that were not made for long, and keeps on answering right', () => {
  const first = pricedCard(call({ provider: 'azure.ai.openai' }));
  for (let i = 0; i < 100; i++) pricedCard(call({ responseModel: `gpt-4o-2024-05-${i}` }));
  const again = pricedCard(call({ provider: 'azure.ai.openai' }));
  expect(again).not.toBe(first);
  expect(again).toEqual(first);
});

test('a provider that is registered later is priced by what it says from then on', () => {
  const query = call({ provider: 'acme_gateway' });
  expect(pricedCard(query)).toBeUndefined();
  const leave = addProvider({ name: 'acme_gateway', catalogueIds: ['openai'] });
  expect(pricedCard(query)?.card.reference.id).toBe('openai/gpt-4o');
  leave();
  expect(pricedCard(query)).toBeUndefined();
});

test('no price of the tables changes within a minute', () => {
  for (const { validFrom, validTo } of [...MODEL_ROWS, ...CONDITION_ROWS]) {
    for (const instant of [validFrom, validTo]) if (instant !== undefined) expect(instant).toMatch(/:00Z$/);
  }
  for (const { prices } of CATALOGUE_PROVIDERS.flatMap(catalogueModels)) {
    for (const { constraint } of [prices].flat() as { constraint?: object }[]) {
      for (const [key, value] of Object.entries(constraint ?? {})) {
        if (key.endsWith('_time')) expect(value).toMatch(/^\d\d:\d\d:00/);
      }
    }
  }
  for (let minute = 0; minute < 7 * 24 * 60; minute++) {
    const start = at('2026-08-17T00:00:00Z').getTime() + minute * 60_000;
    expect(isDeepSeekPeak(new Date(start + 59_999))).toBe(isDeepSeekPeak(new Date(start)));
  }
});
