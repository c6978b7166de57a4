import { describe, expect, test } from 'vitest';
import { matchingModel } from '../../../src/pricing/shipped/match-rule.ts';
import { catalogueModels } from '../../../src/pricing/shipped/catalogue.ts';
import { isBuildSuffix, readModelId } from '../../../src/pricing/shipped/model-id.ts';
import { canonicalProvider } from '../../../src/providers/spelling.ts';

describe('readModelId', () => {
  test.each([
    ['openai', 'GPT-4o', { name: 'gpt-4o' }],
    [
      'openai',
      'ft:gpt-4o-mini-2024-07-18:acme:support:9x',
      { name: 'gpt-4o-mini-2024-07-18', fineTuned: true },
    ],
    [
      'azure.ai.openai',
      'gpt-4o-mini-2024-07-18.ft-0a1b',
      { name: 'gpt-4o-mini-2024-07-18', fineTuned: true },
    ],
    ['gcp.gemini', 'models/gemini-2.5-pro', { name: 'gemini-2.5-pro' }],
    [
      'gcp.vertex_ai',
      'projects/p/locations/us-east5/publishers/google/models/gemini-2.5-pro',
      { name: 'gemini-2.5-pro' },
    ],
    ['gcp.vertex_ai', 'google/gemini-2.5-flash', { name: 'gemini-2.5-flash' }],
    ['gcp.vertex_ai', 'anthropic/claude-opus-4-6@default', { name: 'claude-opus-4-6' }],
    ['gcp.vertex_ai', 'deepseek-ai/deepseek-v3.2-maas', { name: 'deepseek-v3.2-maas' }],
    ['gcp.vertex_ai', 'projects/p/locations/l/endpoints/7', { name: 'projects/p/locations/l/endpoints/7' }],
    ['gcp.vertex_ai', 'claude-opus-4-6@20260205', { name: 'claude-opus-4-6-20260205' }],
    ['gcp.vertex_ai', 'claude-opus-4-6@default', { name: 'claude-opus-4-6' }],
    [
      'aws.bedrock',
      'us.anthropic.claude-opus-4-5-20251101-v1:0',
      { name: 'anthropic.claude-opus-4-5-20251101-v1:0', scope: 'us' },
    ],
    [
      'aws.bedrock',
      'us-gov.anthropic.claude-3-haiku-20240307-v1:0',
      { name: 'anthropic.claude-3-haiku-20240307-v1:0', scope: 'us-gov' },
    ],
    [
      'aws.bedrock',
      'arn:aws:bedrock:eu-west-1:1:inference-profile/eu.amazon.nova-lite-v1:0',
      { name: 'amazon.nova-lite-v1:0', scope: 'eu' },
    ],
    [
      'aws.bedrock',
      'arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/amazon.nova-lite-v1:0',
      { name: 'amazon.nova-lite-v1:0' },
    ],
    ['openrouter', 'openai/gpt-4o:floor', { name: 'openai/gpt-4o' }],
    ['openrouter', 'deepseek/deepseek-r1:free', { name: 'deepseek/deepseek-r1:free' }],
    ['fireworks', 'accounts/fireworks/models/kimi-k3', { name: 'accounts/fireworks/models/kimi-k3' }],
  ])('%s: %s', (provider, model, expected) => {
    expect(readModelId(model, provider)).toEqual(expected);
  });
});

describe('a build suffix', () => {
  test.each([
    '',
    '-2025-04-14',
    '-20250514',
    '-0125',
    '-001',
    '-05-20',
    '-09-2025',
    '-latest',
    '-preview',
    '-preview-05-20',
    '-v1:0',
    ':0',
    '-exp-03-25',
  ])('is %j', (suffix) => {
    expect(isBuildSuffix(suffix)).toBe(true);
  });

  test.each([
    '-mini',
    '-tts',
    '-lite',
    '-5',
    '.5',
    '-audio-preview',
    '-20b',
    '-mini-2024-07-18',
    'x',
    '-pro',
  ])('is not %j', (suffix) => {
    expect(isBuildSuffix(suffix)).toBe(false);
  });
});

describe('matchingModel', () => {
  const idOf = (provider: string, name: string) => matchingModel(catalogueModels(provider), name)?.id;

  test.each([
    ['openai', 'gpt-4o-mini', 'gpt-4o-mini'],
    ['openai', 'gpt-4o-mini-tts', 'gpt-4o-mini-tts'],
    ['openai', 'gpt-5-nano-2025-08-07', 'gpt-5-nano'],
    ['anthropic', 'claude-sonnet-4-20250514', 'claude-sonnet-4-0'],
    ['google', 'gemini-2.0-flash-001', 'gemini-2.0-flash'],
    ['google', 'gemini-2.5-flash-lite-preview-09-2025', 'gemini-2.5-flash-lite'],
    ['aws', 'us.amazon.nova-2-lite-v1:0', 'regional.amazon.nova-2-lite-v1:0'],
    ['aws', 'global.amazon.nova-2-lite-v1:0', 'global.amazon.nova-2-lite-v1:0'],
  ])('%s: %s is %s', (provider, name, id) => {
    expect(idOf(provider, name)).toBe(id);
  });

  test.each([
    ['openai', 'gpt-4o-mini-tts-2027-01-01'],
    ['openai', 'gpt-4o-mini-transcribe-x'],
    ['anthropic', 'claude-sonnet-5-5'],
    ['anthropic', 'claude-opus-4-10'],
    ['google', 'gemini-3.6-flash-lite'],
    ['google', 'my-gemini-2.0-flash-lite'],
    ['aws', 'amazon.titan-embed-text-v2:0'],
    ['aws', 'amazon.nova-pro-v2:0'],
    ['azure', 'o4-mini-deep-research'],
  ])('%s: %s is nobody’s neighbour', (provider, name) => {
    expect(idOf(provider, name)).toBeUndefined();
  });
});

describe('canonicalProvider', () => {
  test.each([
    ['az.ai.openai', 'azure.ai.openai'],
    ['xai', 'x_ai'],
    ['bedrock', 'aws.bedrock'],
    ['gcp.gen_ai', 'gcp.gemini'],
    ['mistralai', 'mistral_ai'],
    ['OpenAI', 'openai'],
    ['somebody_new', 'somebody_new'],
  ])('%s is %s', (given, expected) => {
    expect(canonicalProvider(given)).toBe(expected);
  });
});
