import { expect, test } from 'vitest';
import { askForUsage } from '../../../src/instrumentations/http/ask-for-usage.ts';
import { matchEndpoint } from '../../../src/wire/endpoint.ts';
import { openaiEndpoints } from '../../../src/wire/openai/endpoints.ts';

const ask = (text: string, path = '/chat/completions', includeUsage = true): string | undefined =>
  askForUsage(
    text,
    JSON.parse(text) as Record<string, unknown>,
    matchEndpoint(openaiEndpoints, 'POST', path)!,
    {
      provider: 'openai',
      includeUsage,
    },
  );

test.each([
  ['nothing said about it', '{"stream":true}', '{"stream":true,"stream_options":{"include_usage":true}}'],
  [
    'other options',
    '{"stream_options":{"x": 1.0},"stream":true}',
    '{"stream_options":{"x": 1.0,"include_usage":true},"stream":true}',
  ],
  [
    'a no',
    '{"stream":true,"stream_options":{"include_usage":false}}',
    '{"stream":true,"stream_options":{"include_usage":true}}',
  ],
  [
    'null',
    '{"stream":true,"stream_options":null}',
    '{"stream":true,"stream_options":{"include_usage":true}}',
  ],
])('a stream with %s is asked for its usage', (_title, text, asked) => {
  expect(ask(text)).toBe(asked);
});

test.each<[string, Parameters<typeof ask>]>([
  ['that is asked already', ['{"stream":true,"stream_options":{"include_usage":true}}']],
  ['that is no stream', ['{"stream":false}']],
  ['over data of one’s own at Azure', ['{"stream":true,"data_sources":[]}']],
  ['that carries its usage unasked', ['{"stream":true}', '/responses']],
  ['to a host that may refuse the question', ['{"stream":true}', '/chat/completions', false]],
])('a call %s is sent as it is', (_title, args) => {
  expect(ask(...args)).toBeUndefined();
});
