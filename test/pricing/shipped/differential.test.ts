import { calcPrice, type Usage } from '@pydantic/genai-prices';
import { describe, expect, test } from 'vitest';
import {
  CATALOGUE_PROVIDERS,
  type CatalogueMatch,
  catalogueModels,
} from '../../../src/pricing/shipped/catalogue.ts';
import { providerOfCatalogueId } from '../../../src/providers/registry.ts';
import type { Cost } from '../../../src/pricing/price.ts';
import { NOON, priceOf } from '../price-of.ts';

/** Why our amount may differ from the catalogue's own total. Everything else must agree to a float's precision. */
const EXPLAINED: readonly (readonly [why: string, holds: (difference: Difference) => boolean])[] = [
  [
    'A meter without a price leaves the call unpriced; the catalogue takes the text rate (cached tokens) or nothing.',
    ({ ours }) => /^no price for (input|cache_read|output)/.test(ours.reason ?? ''),
  ],
  [
    'A model without any price is unknown to us and costs 0 there.',
    ({ ours, theirs }) => theirs === 0 && (ours.reason ?? '').startsWith('no price list knows'),
  ],
  ['A free variant or model says so.', ({ ours, theirs }) => ours.status === 'free' && theirs === 0],
  [
    'Gemma is free on the Gemini API; the hosted `-maas` build is sold on Vertex only.',
    ({ provider, id, ours }) => provider === 'google' && id.startsWith('gemma-') && ours.status === 'free',
  ],
  [
    'Perplexity’s request fee depends on the search context; the catalogue always takes the highest.',
    ({ provider, id }) => provider === 'perplexity' && /^sonar(-pro|-reasoning|-reasoning-pro)?$/.test(id),
  ],
  [
    'DeepSeek’s aliases follow V4 Flash, which V4.1 replaced on 2026-09-10.',
    ({ provider, id }) => provider === 'deepseek' && /^deepseek-(chat|reasoner|v4-flash)/.test(id),
  ],
  [
    'mistral-small-latest moved to 2603 and mistral-large-latest to 2512.',
    ({ provider, id }) => provider === 'mistral' && /^mistral-(small|large)-latest$/.test(id),
  ],
  [
    'Azure’s base models charge for output as OpenAI’s do.',
    ({ provider, id }) => provider === 'azure' && /^(davinci|babbage)-002$/.test(id),
  ],
  [
    'Fireworks bills cached tokens at half where it lists no price for them; the catalogue at the full one.',
    ({ provider }) => provider === 'fireworks',
  ],
  [
    'Groq’s safeguard model is not gpt-oss-120b.',
    ({ provider, id }) => provider === 'groq' && id === 'openai/gpt-oss-safeguard-20b',
  ],
  [
    'OpenAI’s first fine-tuned GPT-4o models have a cached price of their own.',
    ({ provider, id }) => provider === 'openai' && /^(ft:gpt-4o|gpt-4o-mini-2024-07-18\.ft-)/.test(id),
  ],
];

interface Difference {
  readonly provider: string;
  readonly id: string;
  readonly theirs: number;
  readonly ours: Cost;
}

const USAGES = [
  { input_tokens: 1000, output_tokens: 100 },
  { input_tokens: 1000, cache_read_tokens: 200, output_tokens: 100 },
] as const;

describe('against the catalogue’s own totals', () => {
  test('agrees on every model it knows, or differs for a reason we can name', () => {
    const unexplained: string[] = [];
    let compared = 0;
    for (const { provider, id, theirs, ours } of allModels()) {
      compared += 1;
      if (ours.status === 'priced' && Math.abs(Number(ours.amount) - theirs) <= 1e-12) continue;
      const difference = { provider, id, theirs, ours };
      if (EXPLAINED.some(([, holds]) => holds(difference))) continue;
      unexplained.push(`${provider}/${id}: theirs ${theirs}, ours ${ours.amount ?? ours.reason}`);
    }
    expect(unexplained).toEqual([]);
    expect(compared).toBeGreaterThan(3_000);
  });

  test('still needs every explanation it gives', () => {
    const differences = allModels().filter(
      ({ ours, theirs }) => ours.status !== 'priced' || Math.abs(Number(ours.amount) - theirs) > 1e-12,
    );
    const unused = EXPLAINED.filter(([, holds]) => !differences.some(holds)).map(([why]) => why);
    expect(unused).toEqual([]);
  });

  test('lists every provider the catalogue has', () => {
    expect(CATALOGUE_PROVIDERS.length).toBeGreaterThan(40);
  });
});

function allModels(): readonly Difference[] {
  const result: Difference[] = [];
  for (const provider of CATALOGUE_PROVIDERS) {
    for (const model of catalogueModels(provider)) {
      for (const id of namesOf(model.match)) {
        for (const usage of USAGES) {
          const theirs = theirTotal(usage, id, provider);
          if (theirs === undefined) continue;
          const cached = 'cache_read_tokens' in usage ? { cacheReadTokens: usage.cache_read_tokens } : {};
          const ours = priceOf(
            { inputTokens: usage.input_tokens, outputTokens: usage.output_tokens, ...cached },
            { provider: providerOfCatalogueId(provider), model: id },
          );
          result.push({ provider, id, theirs, ours });
        }
      }
    }
  }
  return result;
}

function theirTotal(usage: Usage, id: string, providerId: string): number | undefined {
  try {
    return calcPrice(usage, id, { providerId, timestamp: NOON })?.total_price;
  } catch {
    return undefined;
  }
}

/** Every whole name that a rule accepts. */
function namesOf(rule: CatalogueMatch): readonly string[] {
  if ('equals' in rule) return [rule.equals];
  if ('or' in rule) return rule.or.flatMap(namesOf);
  if ('starts_with' in rule) return [rule.starts_with];
  if ('contains' in rule) return [rule.contains];
  if ('ends_with' in rule) return [rule.ends_with];
  return [];
}
