/**
 * Stands in for the providers: `node --import ./examples/loopback/start.ts … app.js` and no key is needed.
 *
 * Calls to api.openai.com and api.anthropic.com go to a server on this machine instead, which answers in the
 * providers' own response shapes. The clients do not know: their base URL stays the real one.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

// A thread of its own, without this file's `--import`, that does not keep the program alive.
const worker = new Worker(new URL('./server.ts', import.meta.url), { execArgv: [] });
const [loopback] = (await once(worker, 'message')) as [string];
worker.unref();

const send = globalThis.fetch;
globalThis.fetch = (input, init) =>
  send(typeof input === 'string' || input instanceof URL ? reroute(input) : input, init);

function reroute(url: string | URL): URL {
  const { hostname, pathname, search } = new URL(url);
  return PROVIDERS.has(hostname) ? new URL(`${pathname}${search}`, loopback) : new URL(url);
}

const PROVIDERS: ReadonlySet<string> = new Set(['api.openai.com', 'api.anthropic.com']);

process.env.OPENAI_API_KEY ??= 'none-needed';
process.env.ANTHROPIC_API_KEY ??= 'none-needed';
// The spans need a receiver too.
process.env.OTEL_EXPORTER_OTLP_ENDPOINT ??= loopback;
