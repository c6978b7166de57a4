import { each, perMillion } from './rates.ts';
import type { ConditionRow, ModelRow } from './overlay.ts';

const PRICING = 'https://platform.claude.com/docs/en/about-claude/pricing';
const FAST_MODE = 'https://platform.claude.com/docs/en/build-with-claude/fast-mode';
const HOSTS = ['anthropic', 'azure.ai.openai', 'azure.ai.inference', 'gcp.vertex_ai'] as const;

export const ANTHROPIC_MODELS: readonly ModelRow[] = [
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

function fast(factor: string, models: readonly string[]): ConditionRow[] {
  return [{ provider: 'anthropic', circumstance: 'speed', value: 'fast', models, factor, source: FAST_MODE }];
}
