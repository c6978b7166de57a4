import type { Rates } from '../../rate-card.ts';
import type { ConditionRow, ModelRow } from './overlay.ts';
import { each, perMillion, perThousand, type Prices } from './rates.ts';

const PRICING = 'https://aws.amazon.com/bedrock/pricing/';

/** Text units of up to a thousand characters. */
const GUARDRAILS: Rates = {
  ...perThousand({
    guardrail_content_unit: '0.15',
    guardrail_topic_unit: '0.15',
    guardrail_sensitive_information_unit: '0.1',
    guardrail_grounding_unit: '0.1',
    guardrail_reasoning_unit: '0.17',
  }),
  ...each({ guardrail_image: '0.00075' }),
};

export const BEDROCK_MODELS: readonly ModelRow[] = [
  {
    // The catalogue's rule for v1 also names this one, at five times its price.
    provider: 'aws.bedrock',
    models: ['amazon.titan-embed-text-v2'],
    kind: 'card',
    rates: perMillion({ input: '0.02' }),
    source: PRICING,
  },
  ...cards({
    'anthropic.claude-v2': { input: '8', output: '24' },
    'anthropic.claude-instant-v1': { input: '0.8', output: '2.4' },
    'cohere.command-r-v1': { input: '0.5', output: '1.5' },
    'cohere.command-r-plus-v1': { input: '3', output: '15' },
    'ai21.jamba-1-5-mini-v1': { input: '0.2', output: '0.4' },
    'ai21.jamba-1-5-large-v1': { input: '2', output: '8' },
  }),
  {
    provider: 'aws.bedrock',
    models: ['cohere.embed-english-v3', 'cohere.embed-multilingual-v3'],
    kind: 'card',
    rates: perMillion({ input: '0.1' }),
    source: PRICING,
  },
  {
    provider: 'aws.bedrock',
    models: ['cohere.embed-v4'],
    kind: 'card',
    rates: perMillion({ input: '0.12' }),
    source: PRICING,
  },
  {
    provider: 'aws.bedrock',
    models: ['cohere.rerank-v3-5'],
    kind: 'card',
    rates: perThousand({ search_unit: '2' }),
    source: PRICING,
  },
  {
    provider: 'aws.bedrock',
    models: ['amazon.rerank-v1'],
    kind: 'card',
    rates: perThousand({ search_unit: '1' }),
    source: PRICING,
  },
  {
    // One-hour writes cost twice the input price, in every region; the catalogue has them for one model only.
    provider: 'aws.bedrock',
    models: ['anthropic.claude*', 'claude*'],
    kind: 'default',
    rates: each({ web_fetch: '0' }),
    derived: [{ meter: 'cache_write_1h', from: 'input', factor: '2' }],
    shared: ['input_image'],
    source: 'https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html',
  },
  {
    provider: 'aws.bedrock',
    models: ['*'],
    kind: 'default',
    rates: GUARDRAILS,
    source: PRICING,
  },
  {
    provider: 'aws.bedrock',
    models: ['guardrail'],
    isOperation: true,
    kind: 'card',
    rates: GUARDRAILS,
    source: PRICING,
  },
  {
    // Nova writes its cache at no extra charge.
    provider: 'aws.bedrock',
    models: ['amazon.nova*'],
    kind: 'default',
    derived: [{ meter: 'cache_write', from: 'input', factor: '1' }],
    shared: ['input_image', 'input_video'],
    source: PRICING,
  },
  {
    provider: 'aws.bedrock',
    models: ['openai.gpt*'],
    kind: 'default',
    derived: [{ meter: 'cache_write', from: 'input', factor: '1' }],
    shared: ['input_image'],
    source: PRICING,
  },
];

/** Models with service tiers of their own; Claude has none. */
const TIERED = [
  'openai.gpt-oss*',
  'qwen.*',
  'deepseek.*',
  'amazon.nova*',
  'moonshot*',
  'minimax*',
  'google.gemma*',
];

export const BEDROCK_CONDITIONS: readonly ConditionRow[] = [
  { provider: 'aws.bedrock', circumstance: 'tier', value: 'batch', factor: '0.5', source: PRICING },
  {
    provider: 'aws.bedrock',
    circumstance: 'tier',
    value: 'flex',
    models: TIERED,
    factor: '0.5',
    source: PRICING,
  },
  {
    provider: 'aws.bedrock',
    circumstance: 'tier',
    value: 'priority',
    models: TIERED,
    factor: '1.75',
    source: PRICING,
  },
  {
    provider: 'aws.bedrock',
    circumstance: 'tier',
    value: 'provisioned',
    unpriced: 'reserved capacity is billed by the hour, not per token',
    source: PRICING,
  },
];

function cards(models: Readonly<Record<string, Prices>>): ModelRow[] {
  return Object.entries(models).map(([model, prices]) => ({
    provider: 'aws.bedrock',
    models: [model],
    kind: 'card',
    rates: perMillion(prices),
    source: PRICING,
  }));
}
