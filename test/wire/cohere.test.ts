import { expect, test } from 'vitest';
import { cohereWire, readCohere } from '../../src/wire/cohere.ts';
import { matchEndpoint } from '../../src/wire/endpoint.ts';

const context = { provider: 'cohere' };
const billed = { input_tokens: 10, output_tokens: 5 };

test.each([
  [
    'v2',
    { id: 'c1', finish_reason: 'COMPLETE', usage: { billed_units: billed, tokens: { input_tokens: 99 } } },
  ],
  ['v1', { response_id: 'c1', finish_reason: 'COMPLETE', meta: { billed_units: billed } }],
  ['generate', { generation_id: 'c1', finish_reason: 'COMPLETE', meta: { billed_units: billed } }],
])('a reply of %s counts what is billed, not the prompt that Cohere puts around it', (_version, reply) => {
  expect(readCohere(reply)).toMatchObject({
    responseId: 'c1',
    finishReasons: ['COMPLETE'],
    usage: { inputTokens: 10, outputTokens: 5, totalTokens: 15 },
  });
});

test.each([
  [{ image_tokens: 7 }, { inputTokens: 7, inputImageTokens: 7, totalTokens: 7 }],
  [
    { input_tokens: 3, image_tokens: 7 },
    { inputTokens: 10, inputImageTokens: 7, totalTokens: 10 },
  ],
  [{ search_units: 2 }, { searchUnits: 2 }],
  [{ classifications: 4 }, { classifications: 4 }],
  [{ output_tokens: 4 }, { outputTokens: 4 }],
  [{}, undefined],
])('what is billed as %j is %j', (billed_units, usage) => {
  expect(readCohere({ meta: { billed_units } }).usage).toEqual(usage);
});

test.each([
  [
    'v2',
    [
      { type: 'message-start', id: 'c1' },
      { type: 'content-delta', delta: { message: { content: { text: 'Hello' } } } },
      { type: 'message-end', delta: { finish_reason: 'COMPLETE', usage: { billed_units: billed } } },
    ],
  ],
  [
    'v1',
    [
      { event_type: 'stream-start', generation_id: 'g' },
      { event_type: 'text-generation', text: 'Hello' },
      undefined,
      {
        event_type: 'stream-end',
        response: { response_id: 'c1', finish_reason: 'COMPLETE', meta: { billed_units: billed } },
      },
    ],
  ],
])('a stream of %s ends with the figures of the whole call', (_version, events) => {
  const reader = matchEndpoint(cohereWire.endpoints, 'POST', '/chat')?.readStream?.(context);
  for (const event of events) reader?.read(event);
  expect(reader?.reading()).toMatchObject({
    responseId: 'c1',
    finishReasons: ['COMPLETE'],
    usage: { inputTokens: 10, outputTokens: 5 },
    outputCharacters: 5,
  });
});

test('a prompt of v1 is as long as its message and what was said before', () => {
  const endpoint = matchEndpoint(cohereWire.endpoints, 'POST', '/chat');
  const length = (body: unknown): number | undefined => endpoint?.readRequest?.(body).inputCharacters?.();
  expect(
    length({ message: 'Hello', chat_history: [{ role: 'USER', message: 'Hi' }] }),
  ).toBeGreaterThanOrEqual(7);
  expect(length(undefined)).toBe(0);
});
