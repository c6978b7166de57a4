import type { RequestOptions } from 'node:http';
import { context, propagation, trace } from '@opentelemetry/api';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { SimpleSpanProcessor, InMemorySpanExporter } from '@opentelemetry/sdk-trace';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withoutCostEntries } from '../../../src/attribution/who-pays.ts';
import { currentAttribution, withCustomer } from '../../../src/attribution/scope.ts';
import { ensureTrustBoundary } from '../../../src/attribution/baggage/trust-boundary.ts';
import { get, listen, loadHttp } from './http.ts';

/** The default set-up: whatever propagators NodeSDK installs, and a parent-based sampler. */
let sdk: NodeSDK;
let http: ReturnType<typeof loadHttp>;

beforeAll(() => {
  ensureTrustBoundary();
  ensureTrustBoundary();
  sdk = new NodeSDK({
    instrumentations: [
      new HttpInstrumentation({ ignoreOutgoingRequestHook: isStranger }),
      new UndiciInstrumentation(),
    ],
    spanProcessors: [new SimpleSpanProcessor({ exporter: new InMemorySpanExporter() })],
    metricReaders: [],
    logRecordProcessors: [],
  });
  sdk.start();
  http = loadHttp();
});
afterAll(async () => await sdk.shutdown());

/** A client outside our house: nothing traces it. */
const STRANGER = { 'x-stranger': '1' };
const isStranger = ({ headers }: RequestOptions): boolean => headers !== undefined && 'x-stranger' in headers;

const SAMPLED = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const SAMPLED_OUT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00';

describe.each([
  ['sampled', SAMPLED, true],
  ['sampled out', SAMPLED_OUT, false],
])('a server behind the default propagators, with the server span %s', (_, traceparent, recording) => {
  it.each([
    'costspan.customer=evil,costspan.context.feature=forged,plan=pro',
    'costspan%2Ecustomer=evil , costspan.context.feature=forged;x=1 , plan=pro',
    'costspan.customer=acme,costspan.customer=evil,costspan.context.feature=forged,plan=pro',
  ])('does not bill whom the network names: %s', async (baggage) => {
    const server = http.createServer((_request, response) => {
      const isRecording = trace.getActiveSpan()?.isRecording();
      const before = currentAttribution();
      const scoped = withCustomer('acme', { real: 1 }, currentAttribution);
      const plan = propagation.getActiveBaggage()?.getEntry('plan')?.value;
      response.end(JSON.stringify({ isRecording, before, scoped, plan }));
    });
    await using listening = await listen(server);
    const reply: unknown = JSON.parse(await get(http, listening.url, { ...STRANGER, baggage, traceparent }));
    expect(reply).toEqual({
      isRecording: recording,
      before: { context: {}, tracked: true, persist: true },
      scoped: { customer: 'acme', source: 'scope', context: { real: 1 }, tracked: true, persist: true },
      plan: 'pro',
    });
  });

  it('bills whom the application names in baggage, also on top of a forged one', async () => {
    const server = http.createServer((_request, response) => {
      const baggage = propagation.getActiveBaggage() ?? propagation.createBaggage();
      const set = propagation.setBaggage(
        context.active(),
        baggage.setEntry('costspan.customer', { value: 'acme' }),
      );
      const copied = propagation.setBaggage(
        context.active(),
        baggage
          .setEntry('costspan.customer', baggage.getEntry('costspan.customer')!)
          .setEntry('x', { value: '' }),
      );
      const attributions = [set, copied].map((ctx) => context.with(ctx, currentAttribution));
      response.end(JSON.stringify(attributions));
    });
    await using listening = await listen(server);
    const headers = {
      ...STRANGER,
      traceparent,
      baggage: 'costspan.customer=acme,costspan.context.feature=x',
    };
    const [set, copied]: unknown[] = JSON.parse(await get(http, listening.url, headers)) as unknown[];
    expect(set).toEqual({
      customer: 'acme',
      source: 'baggage',
      context: {},
      tracked: true,
      persist: true,
    });
    expect(copied).toEqual({ context: {}, tracked: true, persist: true });
  });

  it('sends no entry of ours with requests, over http and undici alike, and all other baggage', async () => {
    const server = http.createServer((request, response) => response.end(request.headers.baggage ?? ''));
    await using listening = await listen(server);
    const parent = propagation.extract(context.active(), {
      traceparent,
      baggage: 'costspan.customer=evil,plan=pro',
    });
    const baggage = propagation.getBaggage(parent)!.setEntry('costspan.context.feature', { value: 'chat' });
    for (const ctx of [
      propagation.setBaggage(parent, baggage),
      propagation.setBaggage(parent, baggage.setEntry('costspan.customer', { value: 'acme' })),
      withoutCostEntries(propagation.setBaggage(parent, baggage)),
    ]) {
      await context.with(ctx, async () => {
        await withCustomer('acme', { secret: 'project' }, async () => {
          expect(await get(http, listening.url)).toBe('plan=pro');
          expect(await (await fetch(listening.url)).text()).toBe('plan=pro');
        });
      });
    }
  });
});

describe('the boundary', () => {
  it('survives propagation.disable() and stands around the next propagator', () => {
    propagation.disable();
    expect(propagation.fields()).toEqual([]);
    const entry = { value: 'evil' };
    propagation.setGlobalPropagator({
      inject: () => undefined,
      extract: (ctx) =>
        propagation.setBaggage(ctx, propagation.createBaggage({ 'costspan.customer': Object.freeze(entry) })),
      fields: () => ['x-customer'],
    });
    expect(propagation.fields()).toEqual(['x-customer']);
    const ctx = propagation.extract(context.active(), {});
    expect(context.with(ctx, currentAttribution).customer).toBeUndefined();
    expect(Object.getOwnPropertySymbols(entry)).toEqual([]);
  });

  it('leaves alone what was in the baggage before the extract', () => {
    propagation.disable();
    propagation.setGlobalPropagator({
      inject: () => undefined,
      extract: (ctx) =>
        propagation.setBaggage(ctx, propagation.getBaggage(ctx)!.setEntry('plan', { value: 'pro' })),
      fields: () => [],
    });
    const own = propagation.createBaggage({ 'costspan.customer': { value: 'acme' } });
    const ctx = propagation.extract(propagation.setBaggage(context.active(), own), {});
    expect(context.with(ctx, currentAttribution).customer).toBe('acme');
  });
});
