import { EventEmitter } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { diag, DiagLogLevel, trace } from '@opentelemetry/api';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { attributeTo, type ReadRequest } from '../../src/attribution/attribute-to.ts';
import { currentAttribution } from '../../src/attribution/scope.ts';
import { ConfigError } from '../../src/base/errors.ts';
import { get, listen } from './baggage/http.ts';
import { forgetWarnings } from '../../src/base/warn-once.ts';

const http = {
  createServer,
  get: (createRequire(import.meta.url)('node:http') as typeof import('node:http')).get,
};
const customer = (): string => String(currentAttribution().customer);

/** Serves with `handler` behind the middleware, and returns what a request for acme gets. */
async function reply(
  handler: (request: IncomingMessage, response: ServerResponse) => unknown,
  read: ReadRequest<IncomingMessage> = ({ headers }) => ({ customer: String(headers['x-org']) }),
): Promise<string> {
  const middleware = attributeTo(read);
  const server = http.createServer((request, response) =>
    middleware(request, response, () => handler(request, response)),
  );
  await using listening = await listen(server);
  return await get(http as never, listening.url, { 'x-org': 'acme' });
}

describe.each(['without any SDK', 'under instrumentation-http'])('plain node:http, %s', (setup) => {
  let sdk: NodeSDK | undefined;
  beforeAll(() => {
    if (setup === 'without any SDK') return;
    sdk = new NodeSDK({
      instrumentations: [new HttpInstrumentation()],
      spanProcessors: [],
      metricReaders: [],
      logRecordProcessors: [],
    });
    sdk.start();
    createRequire(import.meta.url)('node:http');
  });
  afterAll(async () => await sdk?.shutdown());
  afterEach(() => {
    diag.disable();
    forgetWarnings();
  });

  it('is set up as it says: a server span only under the instrumentation', async () => {
    const recording = await reply((_, response) =>
      response.end(String(trace.getActiveSpan()?.isRecording())),
    );
    expect(recording).toBe(setup === 'without any SDK' ? 'undefined' : 'false');
  });

  it('attributes what the handler starts, also after it returned', async () => {
    const text = await reply(async (_, response) => {
      response.write(customer());
      setTimeout(() => response.end(`,${customer()}`), 5);
    });
    expect(text).toBe('acme,acme');
  });

  it('attributes what the listeners of request and response start', async () => {
    const late = vi.fn<(name: string) => void>();
    const text = await reply((request, response) => {
      const seen: string[] = [];
      request.on('data', () => undefined).once('end', () => seen.push(customer()));
      response.on('close', () => late(customer()));
      request.on('end', () => response.end([...seen, customer()].join(',')));
    });
    expect(text).toBe('acme,acme');
    await vi.waitFor(() => expect(late).toHaveBeenCalledWith('acme'));
  });

  it('lets listeners be removed as they were added', async () => {
    const removed = vi.fn<() => void>();
    await reply((request, response) => {
      request.on('end', removed).off('end', removed);
      request.once('end', removed).removeListener('end', removed);
      expect(request.listeners('end')).not.toContain(removed);
      request.resume().on('end', () => response.end());
    });
    expect(removed).not.toHaveBeenCalled();
  });

  it('waits for an asynchronous reader', async () => {
    const text = await reply(
      (_, response) => response.end(customer()),
      async () => {
        await sleep(1);
        return { customer: 'looked up' };
      },
    );
    expect(text).toBe('looked up');
  });

  it('never fails the request: a reader that throws, rejects or knows nothing leaves it unattributed', async () => {
    const warn = vi.fn<() => void>();
    diag.setLogger(
      { warn, error: warn, info: warn, debug: warn, verbose: warn },
      { logLevel: DiagLogLevel.WARN },
    );
    const readers: readonly ReadRequest<IncomingMessage>[] = [
      () => {
        throw new Error('no session');
      },
      () => Promise.reject(new Error('no session')),
      () => undefined,
    ];
    for (const read of readers) {
      expect(await reply((_, response) => response.end(customer()), read)).toBe('undefined');
    }
    expect(warn).toHaveBeenCalledOnce(); // said once, not in every request
  });
});

describe('a middleware that awaits the rest', () => {
  it('returns what the rest returns, and lets its error through', async () => {
    const middleware = attributeTo((ctx: { org: string }) => ({ customer: ctx.org }));
    expect(await middleware({ org: 'acme' }, () => Promise.resolve(customer()))).toBe('acme');
    const failure = new Error('handler');
    await expect(middleware({ org: 'acme' }, () => Promise.reject(failure))).rejects.toBe(failure);
  });
});

it('refuses what is no function', () => {
  expect(() => attributeTo({ customer: 'acme' } as never)).toThrow(ConfigError);
});

describe('Koa’s shape: a context with Node’s request and response', () => {
  it('attributes their listeners, and the answer that is read when all is done', async () => {
    const seen: string[] = [];
    const middleware = attributeTo((ctx: { org: string }) => ({ customer: ctx.org }));
    const [req, res] = [new EventEmitter(), new EventEmitter()];
    const ctx = { org: 'acme', req, res, body: undefined as Readable | undefined };
    const body = new Readable({ read: () => undefined });
    const value = await middleware(ctx, async () => {
      req.on('end', () => seen.push(`request ${customer()}`));
      res.on('close', () => seen.push(`response ${customer()}`));
      ctx.body = body;
      return 'done';
    });
    // Koa reads the answer when nobody is in the middleware any more.
    body.on('data', () => undefined);
    req.emit('end');
    res.emit('close');
    expect([value, seen]).toEqual(['done', ['request acme', 'response acme']]);
  });

  it('and Hono’s has none of them: its response is not asked for', async () => {
    const asked = vi.fn<() => void>();
    const ctx = {
      org: 'acme',
      req: { header: () => undefined },
      get res(): object {
        asked();
        return {};
      },
    };
    const middleware = attributeTo(({ org }: { org: string }) => ({ customer: org }));
    expect(await middleware(ctx, () => Promise.resolve(customer()))).toBe('acme');
    expect(asked).not.toHaveBeenCalled();
  });
});
