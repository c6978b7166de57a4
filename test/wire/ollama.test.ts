import { expect, test } from 'vitest';
import { findEndpoint } from '../../src/wire/wires.ts';
import { read } from '../support/replies.ts';

const url = 'http://127.0.0.1:11434/api';

test.each([
  [{ model: 'llama3' }, true],
  [{ model: 'llama3', stream: true }, true],
  [{ model: 'llama3', stream: false }, undefined],
])('a chat streams unless it is told not to: %j', (request, stream) => {
  const endpoint = findEndpoint('ollama', 'POST', `${url}/chat`);
  expect(endpoint?.streamFormat).toBe('ndjson');
  expect(endpoint?.readRequest?.(request).stream).toBe(stream);
});

test('embeddings never stream', () => {
  expect(
    findEndpoint('ollama', 'POST', `${url}/embed`)?.readRequest?.({ model: 'm' }).stream,
  ).toBeUndefined();
});

test('a prompt that was cached whole has no count', () => {
  expect(read('ollama', { done: true, eval_count: 9 }).usage).toEqual({ outputTokens: 9, totalTokens: 9 });
});
