import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/base/errors.ts';
import { checkHostOverrides, identifyHost } from '../../src/providers/host.ts';

test.each([
  ['https://api.openai.com/v1', 'openai'],
  ['https://eu.api.openai.com/v1', 'openai'],
  ['https://api.anthropic.com', 'anthropic'],
  ['https://my-resource.openai.azure.com/openai/v1', 'azure.ai.openai'],
  ['https://my-resource.cognitiveservices.azure.com/openai/deployments/d', 'azure.ai.openai'],
  ['https://my-resource.services.ai.azure.com/openai/v1', 'azure.ai.openai'],
  ['https://my-resource.services.ai.azure.com/models', 'azure.ai.inference'],
  ['https://gateway.example.com/azure/openai/deployments/d', 'azure.ai.openai'],
  ['https://bedrock-runtime.eu-central-1.amazonaws.com', 'aws.bedrock'],
  ['https://bedrock-mantle.us-east-1.api.aws/v1', 'aws.bedrock'],
  ['https://generativelanguage.googleapis.com/v1beta/openai', 'gcp.gemini'],
  ['https://us-east5-aiplatform.googleapis.com/v1', 'gcp.vertex_ai'],
  ['https://aiplatform.googleapis.com/v1', 'gcp.vertex_ai'],
  ['https://aiplatform.eu.rep.googleapis.com/v1', 'gcp.vertex_ai'],
  ['https://api.deepseek.com', 'deepseek'],
  ['https://api.groq.com/openai/v1', 'groq'],
  ['https://us-east-1.api.x.ai/v1', 'x_ai'],
  ['https://api.mistral.ai/v1', 'mistral_ai'],
  ['https://api.perplexity.ai', 'perplexity'],
  ['https://api.cohere.ai/compatibility/v1', 'cohere'],
  ['https://api.moonshot.cn/v1', 'moonshot_ai'],
  ['https://openrouter.ai/api/v1', 'openrouter'],
  ['https://api.together.xyz/v1', 'together'],
  ['https://api.fireworks.ai/inference/v1', 'fireworks'],
  ['https://api.cerebras.ai/v1', 'cerebras'],
  ['https://ai-gateway.vercel.sh/v1', 'vercel'],
  ['https://llm.example.co.uk/v1', 'example'],
  ['http://localhost:11434/v1', 'ollama'],
  ['http://localhost:1234/v1', 'self_hosted'],
  ['http://llm.internal:11434/v1', 'self_hosted'],
  ['http://127.0.0.1:8000', 'self_hosted'],
  ['http://[::1]:8000/v1', 'self_hosted'],
  ['http://10.0.3.4:8000/v1', 'self_hosted'],
  ['http://vllm:8000/v1', 'self_hosted'],
  ['http://llm.internal/v1', 'self_hosted'],
  ['http://ollama.models.svc.cluster.local/v1', 'self_hosted'],
  ['not a url', 'self_hosted'],
])('recognises who answers at %s', (url, provider) => {
  expect(identifyHost(url).provider).toBe(provider);
});

test('is not fooled by a name that merely contains another', () => {
  expect(identifyHost('https://api.openai.com.evil.example/v1').provider).toBe('evil');
  expect(identifyHost('https://notx.ai/v1').provider).toBe('notx');
});

describe('asking streams for their usage', () => {
  test.each(['https://api.openai.com/v1', 'http://localhost:8000/v1', 'https://api.groq.com/openai/v1'])(
    'may be done at %s',
    (url) => {
      expect(identifyHost(url).includeUsage).toBe(true);
    },
  );

  // Mistral refuses fields it does not know; of a host that nobody knows nothing is asked.
  test.each(['https://api.mistral.ai/v1', 'https://llm.unknown.example/v1'])('is not done at %s', (url) => {
    expect(identifyHost(url).includeUsage).toBe(false);
  });
});

describe("the user's word", () => {
  test('comes first, for a host, for one of its ports, and for all names below a domain', () => {
    const providers = {
      'llm.internal': 'vllm',
      'localhost:4000': 'litellm',
      '*.gateway.example': { provider: 'openai', includeUsage: false },
    };
    expect(identifyHost('https://llm.internal/v1', providers)).toEqual({
      provider: 'vllm',
      includeUsage: true,
    });
    expect(identifyHost('http://localhost:4000', providers).provider).toBe('litellm');
    expect(identifyHost('http://localhost:4001', providers).provider).toBe('self_hosted');
    expect(identifyHost('https://eu.gateway.example', providers)).toEqual({
      provider: 'openai',
      includeUsage: false,
    });
    expect(identifyHost('https://gateway.example', providers).provider).toBe('gateway');
  });

  test.each([
    [['llm.internal'], 'must map host names to provider names, got an array of 1'],
    [{ 'https://llm.internal': 'vllm' }, 'expected a host name without scheme and path'],
    [{ 'llm.internal': 7 }, "providers['llm.internal'] must be a provider's name, got 7"],
    [{ 'llm.internal': { provider: 'vllm', includeUsages: true } }, "Did you mean 'includeUsage'?"],
  ])('is refused with a reason when it is wrong: %j', (providers, reason) => {
    const check = (): void => checkHostOverrides('new OpenAIInstrumentation', providers);
    expect(check).toThrow(ConfigError);
    expect(check).toThrow(reason);
  });

  test('may be absent', () => {
    expect(() => checkHostOverrides('new OpenAIInstrumentation', undefined)).not.toThrow();
  });
});
