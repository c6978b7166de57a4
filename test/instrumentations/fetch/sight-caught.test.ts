import { diag, DiagLogLevel } from '@opentelemetry/api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { forgetWarnings } from '../../../src/base/warn-once.ts';
import { sightCaught } from '../../../src/instrumentations/fetch/sight-caught.ts';
import { sight, sightings } from '../../../src/instrumentations/sightings.ts';

let warned: string[];
beforeEach(() => {
  forgetWarnings();
  warned = [];
  const silent = (): void => undefined;
  diag.setLogger(
    {
      warn: (message) => void warned.push(message),
      error: silent,
      info: silent,
      debug: silent,
      verbose: silent,
    },
    DiagLogLevel.WARN,
  );
});
afterEach(() => diag.disable());

const caught = (headers: Record<string, string>): void => sightCaught(new Headers(headers));

test('a call of nobody’s SDK was the net’s to catch', () => {
  for (const agent of ['node', 'Mistral/JS 1.0.0']) caught({ 'user-agent': agent });
  caught({});
  expect([sightings(), warned]).toEqual([[{ package: 'fetch', how: 'net', patched: true }], []]);
});

test('where the SDK’s own instrumentation was never made, the net is what was asked for', () => {
  caught({ 'user-agent': 'Anthropic/JS 0.71.2' });
  expect(sightings()).toContainEqual({
    package: '@anthropic-ai/sdk',
    version: '0.71.2',
    how: 'net',
    patched: true,
  });
  expect(warned).toEqual([]);
});

test('an SDK that slipped past its instrumentation is said once, with what to do', () => {
  sight({ package: 'openai', how: 'hook', patched: false });
  for (let call = 0; call < 2; call += 1) caught({ 'user-agent': 'AzureOpenAI/JS 6.1.0' });
  expect(warned).toHaveLength(1);
  expect(warned[0]).toContain('a call of openai was metered by the net');
  expect(warned[0]).toContain('manuallyInstrument');
  sight({ package: '@google/genai', how: 'hook', patched: false });
  caught({ 'x-goog-api-client': 'google-genai-sdk/1.30.0 gl-node/v24' });
  expect(warned).toHaveLength(2);
});

test('an SDK of which one copy is patched has another copy that is not: nothing to say', () => {
  sight({ package: 'openai', version: '7.0.0', how: 'manual', patched: true });
  caught({ 'user-agent': 'OpenAI/JS 7.55.0' });
  expect(warned).toEqual([]);
});
