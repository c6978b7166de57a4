import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type CostEvent,
  CostSpanProcessor,
  ProviderFetchInstrumentation,
  withCustomer,
} from '../../../src/index.ts';
import { registerTracing } from '../../support/register-tracing.ts';
import { type AiSdk, load, provider } from './ai-sdk.ts';
import { Internet } from './internet.ts';

const internet = await Internet.start();
const net = new ProviderFetchInstrumentation();
const heard: CostEvent[] = [];
const processor = new CostSpanProcessor({
  sinks: [{ write: (events) => void heard.push(...events) }],
  delivery: 'sync',
  customerKey: 'tenant',
});

afterAll(async () => {
  net.disable();
  await processor.shutdown();
  await internet.stop();
});
beforeEach(() => {
  heard.length = 0;
});

/** The telemetry of a call, as each major takes it: 7 has no metadata, but the run's own context. */
function telemetry(major: number): object {
  const metadata = { tenant: 'acme', plan: 'pro', seats: 5, tags: ['a'] };
  return major < 7
    ? { experimental_telemetry: { isEnabled: true, functionId: 'capital', metadata } }
    : {
        telemetry: {
          functionId: 'capital',
          includeRuntimeContext: { tenant: true, plan: true, seats: true, tags: true },
        },
        runtimeContext: metadata,
      };
}

const WAYS: readonly (readonly [string, (ai: AiSdk, options: object) => Promise<unknown>, number])[] = [
  ['generateText', async (ai, options) => ai.generateText(options), 1],
  [
    'streamText',
    async (ai, options) => {
      for await (const part of ai.streamText(options).textStream) void part;
    },
    1,
  ],
  [
    'a tool loop',
    async (ai, options) => {
      const weather = ai.tool({
        inputSchema: ai.jsonSchema({ type: 'object', properties: {} }),
        execute: () => 'sunny',
      });
      await ai.generateText({ ...options, tools: { weather }, stopWhen: ai.stepCountIs(3) });
    },
    2,
  ],
];

// First without a tracer provider: 7 tells of a call on a channel, whether or not anybody traces.
describe.each([
  ['without a tracer', [7]],
  ['with a tracer', [5, 6, 7]],
])('%s', (way, majors) => {
  describe.each(majors)('the AI SDK %d', async (major) => {
    const ai = await load(major);
    const openai = await provider('openai', major, 'createOpenAI', { apiKey: 'test' });
    const options = { prompt: 'Where?', model: openai.chat!('gpt-4o'), maxRetries: 0 };

    beforeEach(() => {
      if (way === 'with a tracer') registerTracing();
    });

    test.each(WAYS)('%s: the function is the feature, the metadata is context', async (_, run, events) => {
      await run(ai, { ...options, ...telemetry(major) });
      await new Promise(setImmediate);
      expect(heard).toHaveLength(events);
      for (const { customer, context: said, attributionSource } of heard) {
        expect({ customer, said, attributionSource }).toEqual({
          customer: 'acme',
          said: { feature: 'capital', plan: 'pro', seats: 5 },
          attributionSource: 'span',
        });
      }
    });

    test('what the application says around it comes first', async () => {
      await withCustomer('globex', { feature: 'search' }, async () =>
        ai.generateText({ ...options, ...telemetry(major) }),
      );
      await new Promise(setImmediate);
      expect(heard).toMatchObject([{ customer: 'globex', context: { feature: 'search', plan: 'pro' } }]);
    });

    test('a call without telemetry says nothing', async () => {
      await ai.generateText(options);
      await new Promise(setImmediate);
      expect(heard).toHaveLength(1);
      expect(heard[0]?.customer).toBeNull();
      expect(heard[0]?.context).toEqual({});
    });
  });
});
