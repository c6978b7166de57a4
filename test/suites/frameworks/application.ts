import { setTimeout as sleep } from 'node:timers/promises';
import { context, propagation } from '@opentelemetry/api';
import type { RequestAttribution } from '../../../src/attribution/attribute-to.ts';
import { currentAttribution, withCostContext } from '../../../src/attribution/scope.ts';

type Headers = { readonly [name: string]: unknown };

/** What every application here tells of a request: its organisation, as authentication found it. */
export const who = (headers: Headers): RequestAttribution => ({
  ...(typeof headers['x-org'] === 'string' ? { customer: headers['x-org'] } : {}),
  context: { path: 'app' },
});

/** Stands for a model call: what an event would say, after some asynchronous work. */
export async function call(step: string): Promise<string> {
  await sleep(Math.random() * 4);
  const { customer = 'unattributed', context } = await withCostContext({ step }, async () => {
    await sleep(1);
    return currentAttribution();
  });
  return [customer, context['path'] as string, context['step'] as string].join(':');
}

/** Calls that go on after the handler returned. */
export async function* lateCalls(): AsyncGenerator<string> {
  for (const step of ['1', '2', '3']) yield `${await call(step)};`;
}

/** What the application's own code says with plain OpenTelemetry baggage. */
export function withOwnBaggage<T>(customer: string, fn: () => T): T {
  const baggage = propagation.getActiveBaggage() ?? propagation.createBaggage();
  const ctx = propagation.setBaggage(
    context.active(),
    baggage.setEntry('costspan.customer', { value: customer }),
  );
  return context.with(ctx, fn);
}
