import { context } from '@opentelemetry/api';
import { attributionOf, withoutCostEntries } from '../../../src/attribution/who-pays.ts';
import { callerContext, runInContext } from '../../../src/attribution/caller-context.ts';
import { CostBaggagePropagator } from '../../../src/attribution/baggage/cost-baggage-propagator.ts';
import { withCustomer } from '../../../src/attribution/scope.ts';
import { get, listen, loadHttp } from './http.ts';

/** A house whose service 127.0.0.1 may learn the attribution and whose neighbour localhost may not. */
export const cost = (): CostBaggagePropagator =>
  new CostBaggagePropagator({
    inbound: 'signed',
    secrets: ['key'],
    outbound: { allow: ['127.0.0.1', 'orders.internal'] },
  });

/** What arrives at a server when the application calls it from inside a scope, over `node:http` and over `fetch`. */
export async function arrivals(): Promise<
  Record<'told' | 'notTold' | 'provider', readonly (string | undefined)[]>
> {
  const http = loadHttp();
  const server = http.createServer((request, response) =>
    response.end(JSON.stringify(request.headersDistinct.baggage ?? [])),
  );
  await using listening = await listen(server);
  const stranger = `http://localhost:${listening.port}`;
  const receiver = cost();
  const both = async (url: string): Promise<string[]> => {
    const texts = [await get(http, url), await (await fetch(url)).text()];
    return texts.map((text) => (JSON.parse(text) as string[]).join(','));
  };
  const customers = (headers: readonly string[]): (string | undefined)[] =>
    headers.map((baggage) => {
      const ctx = receiver.extract(context.active(), { baggage }, { get: () => baggage, keys: () => [] });
      return attributionOf(withoutScope(ctx)).customer ?? undefined;
    });
  return await withCustomer('acme', { feature: 'chat' }, async () => ({
    told: customers(await both(listening.url)),
    notTold: await both(stranger),
    provider: await runInContext(withoutCostEntries(callerContext()), () => both(listening.url)),
  }));
}

/** Only what came in, as another process would see it. */
const withoutScope = (ctx: ReturnType<typeof callerContext>): typeof ctx =>
  ctx.deleteValue(Symbol.for('costspan attribution'));

export const EXPECTED = { told: ['acme', 'acme'], notTold: ['', ''], provider: ['', ''] };
