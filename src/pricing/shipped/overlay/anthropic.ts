import { each, perMillion, perThousand, type Prices } from './rates.ts';
import type { ConditionRow, ModelRow } from './overlay.ts';

const PRICING = 'https://platform.claude.com/docs/en/about-claude/pricing';
const FAST_MODE = 'https://platform.claude.com/docs/en/build-with-claude/fast-mode';
const HOSTS = ['anthropic', 'azure.ai.openai', 'azure.ai.inference', 'gcp.vertex_ai'] as const;

const SONNET_5_5: Prices = { input: '2', cache_write: '2.5', cache_write_1h: '4', output: '10' };

const FABLE_5: Prices = { input: '10', cache_write: '12.5', cache_write_1h: '20', output: '50' };

export const ANTHROPIC_MODELS: readonly ModelRow[] = [
  {
    provider: HOSTS,
    models: ['claude-sonnet-5-5'],
    kind: 'card',
    validFrom: '2026-10-07T00:00:00Z',
    rates: { ...perMillion({ ...SONNET_5_5, cache_read: '0.1' }), ...perThousand({ web_search: '10' }) },
    source: PRICING,
  },
  {
    provider: HOSTS,
    models: ['claude-sonnet-5-5'],
    kind: 'card',
    validFrom: '2026-09-28T00:00:00Z',
    validTo: '2026-10-07T00:00:00Z',
    rates: { ...perMillion({ ...SONNET_5_5, cache_read: '0.2' }), ...perThousand({ web_search: '10' }) },
    source: PRICING,
  },
  {
    // Five times the price on every token of a request whose prompt is longer than 100 000 tokens.
    provider: HOSTS,
    models: ['claude-haiku-5-5'],
    kind: 'card',
    validFrom: '2026-10-07T00:00:00Z',
    rates: {
      ...perMillion(
        { input: '0.1', cache_read: '0.01', cache_write: '0.125', cache_write_1h: '0.2', output: '0.5' },
        100_000,
        { input: '0.5', cache_read: '0.05', cache_write: '0.625', cache_write_1h: '1', output: '2.5' },
      ),
      ...perThousand({ web_search: '10' }),
    },
    source: PRICING,
  },
  // Mythos is Fable for a few, at the price of the Fable of its day.
  ...claudes(['claude-fable-5-2', 'claude-mythos-5-2'], {
    input: '8',
    cache_read: '0.2',
    cache_write: '10',
    cache_write_1h: '16',
    output: '40',
  }),
  ...claudes(['claude-mythos-5-1'], { ...FABLE_5, cache_read: '0.25' }),
  ...claudes(['claude-mythos-5'], { ...FABLE_5, cache_read: '1' }),
  {
    // Claude 2 had one price in all its versions; the catalogue names the first.
    provider: 'anthropic',
    models: ['claude-2.0', 'claude-2.1'],
    kind: 'card',
    rates: perMillion({ input: '8', output: '24' }),
    source: PRICING,
  },
  {
    // Web fetch has no fee; code execution is billed in container hours of the organisation, after a daily free
    // allowance, so that one reply cannot tell.
    provider: HOSTS,
    models: ['claude*'],
    kind: 'default',
    rates: each({ web_fetch: '0' }),
    unbilled: ['code_execution'],
    shared: ['input_image'],
    source: PRICING,
  },
];

export const ANTHROPIC_CONDITIONS: readonly ConditionRow[] = [
  {
    provider: HOSTS,
    circumstance: 'tier',
    value: 'batch',
    models: ['claude*'],
    factor: '0.5',
    source: PRICING,
  },
  {
    provider: 'anthropic',
    circumstance: 'tier',
    value: 'priority',
    unpriced: 'priority tier is billed as a commitment, not per token',
    source: 'https://platform.claude.com/docs/en/api/service-tiers',
  },
  ...fast('2', ['claude-opus-5-5', 'claude-opus-5', 'claude-opus-4-8']),
  ...fast('6', ['claude-opus-4-6', 'claude-opus-4-7']),
  {
    provider: 'anthropic',
    circumstance: 'geo',
    value: 'us',
    factor: '1.1',
    source: 'https://platform.claude.com/docs/en/manage-claude/data-residency',
  },
];

function claudes(models: readonly string[], prices: Prices): ModelRow[] {
  const rates = { ...perMillion(prices), ...perThousand({ web_search: '10' }) };
  return [{ provider: HOSTS, models, kind: 'card', rates, source: PRICING, asOf: '2026-11-30' }];
}

function fast(factor: string, models: readonly string[]): ConditionRow[] {
  return [{ provider: 'anthropic', circumstance: 'speed', value: 'fast', models, factor, source: FAST_MODE }];
}
