import { expect, test } from 'vitest';
import { matchEndpoint, relativePath } from '../../src/wire/endpoint.ts';
import { openaiEndpoints } from '../../src/wire/openai/endpoints.ts';
import type { Endpoint } from '../../src/wire/reading.ts';

test.each([
  ['/chat/completions', '/chat/completions'],
  ['https://api.openai.com/v1/chat/completions', '/chat/completions'],
  ['/v1/messages?beta=true', '/messages'],
  ['/openai/deployments/my-gpt/chat/completions?api-version=2024-06-01', '/chat/completions'],
  ['https://x.openai.azure.com/openai/v1/responses', '/responses'],
  ['https://api.groq.com/openai/v1/chat/completions', '/chat/completions'],
  ['https://generativelanguage.googleapis.com/v1beta/openai/chat/completions', '/chat/completions'],
  ['https://api.z.ai/api/paas/v4/chat/completions', '/chat/completions'],
  ['https://api.deepseek.com/beta/completions', '/completions'],
  [
    'https://us-east5-aiplatform.googleapis.com/v1/projects/p/locations/us-east5/endpoints/openapi/chat/completions',
    '/chat/completions',
  ],
  [
    'https://us-east5-aiplatform.googleapis.com/v1/projects/p/locations/l/publishers/anthropic/models/claude:rawPredict',
    '/models/claude:rawPredict',
  ],
])('finds the path below the base of %s', (url, path) => {
  expect(relativePath(url)).toBe(path);
});

test('takes the first row that fits, by method and path', () => {
  const rows: readonly Endpoint[] = [
    { method: 'POST', path: '/responses/compact', operation: 'compact' },
    { method: 'POST', path: '/responses/{id}', operation: 'other' },
    { method: 'GET', path: '/responses/{id}', operation: 'read' },
    { method: 'POST', path: '/models/{model}:generateContent', operation: 'generate' },
  ];
  expect(matchEndpoint(rows, 'post', '/v1/responses/compact')?.operation).toBe('compact');
  expect(matchEndpoint(rows, 'GET', '/responses/resp_1')?.operation).toBe('read');
  expect(matchEndpoint(rows, 'POST', '/v1beta/models/gemini-3:generateContent')?.operation).toBe('generate');
  expect(matchEndpoint(rows, 'POST', '/v1beta/models/gemini-3:countTokens')).toBeUndefined();
  expect(matchEndpoint(rows, 'GET', '/responses')).toBeUndefined();
});

test('does not mistake a call that merely ends alike', () => {
  expect(matchEndpoint(openaiEndpoints, 'POST', '/organization/audit/responses')).toBeUndefined();
});
