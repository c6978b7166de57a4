import { expect, test } from 'vitest';
import { anthropicSdk } from '../../../src/instrumentations/anthropic/sdk.ts';
import type { StainlessClient } from '../../../src/instrumentations/stainless/sdk.ts';

function identify(baseUrl: string, client: object = {}, providers = {}): object {
  return anthropicSdk.identify(client as StainlessClient, { baseUrl, model: 'claude-sonnet-4-6', providers });
}

test.each([
  ['https://api.anthropic.com', {}, { provider: 'anthropic' }],
  [
    'https://aws-external-anthropic.us-east-1.api.aws',
    { awsRegion: 'us-east-1', workspaceId: 'w' },
    { provider: 'anthropic' },
  ],
  ['https://res.services.ai.azure.com/anthropic/', {}, { provider: 'azure.ai.inference' }],
  [
    'https://bedrock-runtime.eu-west-1.amazonaws.com',
    { awsRegion: 'eu-west-1' },
    { provider: 'aws.bedrock', region: 'eu-west-1' },
  ],
  [
    'https://us-east5-aiplatform.googleapis.com/v1',
    { region: 'us-east5', projectId: null },
    { provider: 'gcp.vertex_ai', region: 'us-east5' },
  ],
  ['https://openrouter.ai/api', {}, { provider: 'openrouter' }],
] as const)('knows who answers at %s', (baseUrl, client, expected) => {
  expect(identify(baseUrl, client)).toMatchObject(expected);
});

test('takes a local host that serves Claude for a proxy in front of Anthropic', () => {
  expect(identify('http://localhost:4000')).toMatchObject({ provider: 'anthropic' });
});

test("takes a cloud's client at its word behind a gateway", () => {
  const bedrock = { _genAIProviderName: 'aws.bedrock', awsRegion: 'us-east-1' };
  expect(identify('https://gateway.internal', bedrock)).toMatchObject({
    provider: 'aws.bedrock',
    region: 'us-east-1',
  });
  // Old cloud packages beside a new core: the core names itself.
  const old = { _genAIProviderName: 'anthropic', awsRegion: 'us-east-1' };
  expect(identify('https://gateway.internal', old)).toMatchObject({ provider: 'aws.bedrock' });
});

test("puts the user's word first", () => {
  const bedrock = { _genAIProviderName: 'aws.bedrock', awsRegion: 'us-east-1' };
  const providers = { 'gateway.internal': 'openrouter' };
  expect(identify('https://gateway.internal', bedrock, providers)).toMatchObject({ provider: 'openrouter' });
});
