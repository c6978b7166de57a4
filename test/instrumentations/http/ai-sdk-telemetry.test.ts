import { tracingChannel } from 'node:diagnostics_channel';
import { ROOT_CONTEXT } from '@opentelemetry/api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { aiSdkTelemetry, followAiSdk } from '../../../src/instrumentations/http/ai-sdk-telemetry.ts';

const { start } = tracingChannel('ai:telemetry');

let leave: () => void;
beforeEach(() => {
  leave = followAiSdk();
});
afterEach(() => leave());

test('what the channel says holds for the requests inside', () => {
  const event = { functionId: 'triage', runtimeContext: { tenant: 'acme' } };
  const said = start.runStores({ event }, () => aiSdkTelemetry(ROOT_CONTEXT));
  expect(said).toEqual({ 'ai.telemetry.functionId': 'triage', 'ai.telemetry.metadata.tenant': 'acme' });
  expect(aiSdkTelemetry(ROOT_CONTEXT)).toBeUndefined();
});

test('a message that cannot be read harms nobody', async () => {
  const uncaught: unknown[] = [];
  const hear = (error: unknown): void => void uncaught.push(error);
  process.prependListener('uncaughtException', hear);
  const event = {
    get functionId(): string {
      throw new Error('not to be read');
    },
  };
  expect(start.runStores({ event }, () => 'the answer')).toBe('the answer');
  // Node throws what a store's transform threw in the next tick.
  await new Promise((resolve) => setImmediate(resolve));
  process.removeListener('uncaughtException', hear);
  expect(uncaught).toEqual([]);
});
