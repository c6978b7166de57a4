import { context, propagation } from '@opentelemetry/api';
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { AlwaysOffSampler, AlwaysOnSampler } from '@opentelemetry/sdk-trace';
import { afterEach, describe, expect, it } from 'vitest';
import { withCustomer } from '../../../src/attribution/scope.ts';
import { get, listen, loadHttp } from './http.ts';
import { arrivals, cost, EXPECTED } from './outbound.ts';

let sdk: NodeSDK | undefined;
/** Constructed once: a patch of `node:http` is not made anew by a second instance. */
const instrumentations = [new HttpInstrumentation(), new UndiciInstrumentation()];

afterEach(async () => {
  await sdk?.shutdown();
  sdk = undefined;
  context.disable();
  propagation.disable();
});

function start(sampler: AlwaysOnSampler, propagators: 'cost last' | 'cost first' | 'cost alone'): void {
  const chain = {
    'cost last': () => [new W3CTraceContextPropagator(), new W3CBaggagePropagator(), cost()],
    'cost first': () => [cost(), new W3CTraceContextPropagator(), new W3CBaggagePropagator()],
    'cost alone': () => [new W3CTraceContextPropagator(), cost()],
  };
  sdk = new NodeSDK({
    sampler,
    instrumentations,
    textMapPropagator: new CompositePropagator({ propagators: chain[propagators]() }),
    spanProcessors: [],
    metricReaders: [],
    logRecordProcessors: [],
  });
  sdk.start();
}

describe.each([
  ['sampled', new AlwaysOnSampler()],
  ['sampled out', new AlwaysOffSampler()],
])('requests of the application, %s', (_, sampler) => {
  it.each(['cost alone', 'cost last', 'cost first'] as const)(
    'tell allowed hosts and nobody else, with %s among the propagators',
    async (propagators) => {
      start(sampler, propagators);
      expect(await arrivals()).toEqual(EXPECTED);
    },
  );

  it.each(['before', 'after'])('tell them once, when the instrumentation subscribed %s us', async (when) => {
    start(sampler, 'cost last');
    if (when === 'after') for (const part of instrumentations) part.disable();
    if (when === 'after') for (const part of instrumentations) part.enable();
    const http = loadHttp();
    const server = http.createServer((request, response) => response.end(request.headers.baggage));
    await using listening = await listen(server);
    const plan = propagation.createBaggage({ plan: { value: 'pro' } });
    await context.with(propagation.setBaggage(context.active(), plan), () =>
      withCustomer('acme', async () => {
        for (const baggage of [await get(http, listening.url), await (await fetch(listening.url)).text()]) {
          expect(baggage.match(/plan=pro/g)).toHaveLength(1);
          expect(baggage.match(/costspan\.customer=acme/g)).toHaveLength(1);
          expect(baggage.match(/costspan\.signature=/g)).toHaveLength(1);
        }
      }),
    );
  });
});
