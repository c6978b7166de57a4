import { trace } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { AlwaysOffSampler, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type CostEvent, CostSpanProcessor, recordUsage } from '../../src/index.ts';
import { serviceInEnvironment } from '../../src/otel/service-name.ts';

afterEach(() => {
  trace.disable();
  vi.unstubAllEnvs();
});

/** The service on the event of a usage that has no span at all. */
async function serviceOfEvent(config: { readonly service?: string } = {}): Promise<string | undefined> {
  const events: CostEvent[] = [];
  const sinks = [{ write: (batch: readonly CostEvent[]) => void events.push(...batch) }];
  const processor = new CostSpanProcessor({ sinks, delivery: 'sync', metrics: false, ...config });
  recordUsage({ service: 'speech', quantities: { minutes: 1 }, customer: null });
  await processor.shutdown();
  return events[0]?.service;
}

function registerSdk(name: string): void {
  trace.setGlobalTracerProvider(
    new TracerProvider({
      resource: resourceFromAttributes({ 'service.name': name }),
      sampler: new AlwaysOffSampler(),
    }),
  );
}

describe('the service of an event, sampled or not', () => {
  test('is what the option says, before everything', async () => {
    vi.stubEnv('OTEL_SERVICE_NAME', 'from-env');
    registerSdk('from-sdk');
    expect(await serviceOfEvent({ service: 'from-code' })).toBe('from-code');
  });

  test('then that of the SDK’s resource', async () => {
    vi.stubEnv('OTEL_SERVICE_NAME', 'from-env');
    registerSdk('from-sdk');
    expect(await serviceOfEvent()).toBe('from-sdk');
  });

  test('then that of the environment, also where the SDK knows none', async () => {
    vi.stubEnv('OTEL_SERVICE_NAME', 'from-env');
    expect(await serviceOfEvent()).toBe('from-env');
    registerSdk('unknown_service:node');
    expect(await serviceOfEvent()).toBe('from-env');
  });

  test('and absent where nobody names it', async () => {
    vi.stubEnv('OTEL_SERVICE_NAME', '');
    vi.stubEnv('OTEL_RESOURCE_ATTRIBUTES', '');
    expect(await serviceOfEvent()).toBeUndefined();
  });
});

test.each([
  [{ OTEL_SERVICE_NAME: 'a', OTEL_RESOURCE_ATTRIBUTES: 'service.name=b' }, 'a'],
  [{ OTEL_SERVICE_NAME: ' ', OTEL_RESOURCE_ATTRIBUTES: 'service.name=b' }, 'b'],
  [{ OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment=prod, service.name = support%20api ' }, 'support api'],
  [{ OTEL_RESOURCE_ATTRIBUTES: 'service.name=100%' }, '100%'],
  [{ OTEL_RESOURCE_ATTRIBUTES: 'service.namespace=x' }, undefined],
  [{}, undefined],
])('the environment %j names %j', (env, expected) => {
  expect(serviceInEnvironment(env)).toBe(expected);
});
