/** What a `fetch` to somebody who is no provider pays for passing the net, as one line of JSON. */
import { ProviderFetchInstrumentation } from '../src/index.ts';

const CALLS = 100_000;
const response = Promise.resolve(new Response('{}'));
const bare = (_input: unknown, _init?: unknown): Promise<Response> => response;
globalThis.fetch = bare;
new ProviderFetchInstrumentation().enable();
const metered = globalThis.fetch;

async function perCall(call: typeof fetch): Promise<number> {
  const start = performance.now();
  for (let left = CALLS; left > 0; left--) await call('https://example.com/orders/7', { method: 'POST' });
  return ((performance.now() - start) * 1e6) / CALLS;
}

await perCall(bare);
await perCall(metered);
const [without, within] = [await perCall(bare), await perCall(metered)];
console.log(
  JSON.stringify({
    'ns per foreign fetch, bare': without,
    'ns per foreign fetch, through the net': within,
    'ns added': within - without,
    'ratio to an empty fetch': within / without,
  }),
);
