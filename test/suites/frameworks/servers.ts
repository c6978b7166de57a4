import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { attributeTo } from '../../../src/attribution/attribute-to.ts';
import { runWithAttribution, snapshotAttribution, withCustomer } from '../../../src/attribution/scope.ts';
import { call, lateCalls, who, withOwnBaggage } from './application.ts';
import { load } from './fixtures.ts';

export interface Running {
  readonly url: string;
  close(): Promise<unknown>;
}

/**
 * The same application in every framework: `GET /plain` calls once, `POST /body` calls after its JSON body was
 * parsed, `GET /stream` goes on calling after its handler returned, `GET /baggage` sets the customer in baggage.
 */
export const SERVERS: Readonly<Record<string, () => Promise<Running>>> = {
  'node:http': async () => {
    const attribute = attributeTo((request: IncomingMessage) => who(request.headers));
    return listen(
      createServer((request, response) =>
        attribute(request, response, () => {
          let body = '';
          request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
          request.on('end', async () => {
            if (request.url === '/stream') return Readable.from(lateCalls()).pipe(response);
            if (request.url === '/baggage')
              return response.end(await withOwnBaggage('own', () => call('baggage')));
            return response.end(await call(body === '' ? 'plain' : (JSON.parse(body) as Body).step));
          });
        }),
      ),
    );
  },

  Express: async () => {
    const { default: express } = await load<ExpressModule>('express');
    const app = express();
    app.use(attributeTo((request: IncomingMessage) => who(request.headers)));
    // Behind the middleware on purpose: the body parser must not lose the scope.
    app.use(express.json());
    app.get('/plain', async (_, response) => response.end(await call('plain')));
    app.post('/body', async ({ body }, response) => response.end(await call(body.step)));
    app.get('/stream', (_, response) => void Readable.from(lateCalls()).pipe(response));
    app.get('/baggage', async (_, response) =>
      response.end(await withOwnBaggage('own', () => call('baggage'))),
    );
    return listen(createServer(app));
  },

  Fastify: async () => {
    const { fastify } = await load<FastifyModule>('fastify');
    const app = fastify();
    app.addHook(
      'preHandler',
      attributeTo(({ headers }: FastifyRequest) => who(headers)),
    );
    app.get('/plain', async () => await call('plain'));
    app.post('/body', async ({ body }) => await call(body.step));
    app.get('/stream', async () => Readable.from(lateCalls()));
    app.get('/baggage', async () => await withOwnBaggage('own', () => call('baggage')));
    const url = await app.listen({ port: 0, host: '127.0.0.1' });
    return { url, close: () => app.close() };
  },

  Hono: async () => {
    const { Hono } = await load<HonoModule>('hono');
    const { createAdaptorServer } = await load<HonoServerModule>('@hono/node-server');
    const app = new Hono();
    app.use(attributeTo((c: HonoContext) => who(c.req.header())));
    app.get('/plain', async (c) => c.text(await call('plain')));
    app.post('/body', async (c) => c.text(await call((await c.req.json()).step)));
    app.get('/stream', (c) => c.body(streamOf(lateCalls())));
    app.get('/baggage', async (c) => c.text(await withOwnBaggage('own', () => call('baggage'))));
    return listen(createAdaptorServer(app));
  },

  Koa: async () => {
    const { default: Koa } = await load<KoaModule>('koa');
    const app = new Koa();
    app.use(attributeTo((ctx: KoaContext) => who(ctx.headers)));
    app.use(async (ctx: KoaContext) => {
      let body = '';
      for await (const chunk of ctx.req) body += String(chunk);
      if (ctx.path === '/stream') ctx.body = Readable.from(lateCalls());
      else if (ctx.path === '/baggage') ctx.body = await withOwnBaggage('own', () => call('baggage'));
      else ctx.body = await call(body === '' ? 'plain' : (JSON.parse(body) as Body).step);
    });
    return listen(createServer(app.callback()));
  },

  NestJS: async () => {
    await load('reflect-metadata');
    const { Body, Controller, Get, Module, Post, StreamableFile } = await load<NestModule>('@nestjs/common');
    const { NestFactory } = await load<NestCoreModule>('@nestjs/core');
    class Chat {
      readonly call = call;
      plain(): Promise<string> {
        return this.call('plain');
      }
      body({ step }: Body): Promise<string> {
        return this.call(step);
      }
      stream(): unknown {
        return new StreamableFile(Readable.from(lateCalls()));
      }
      baggage(): Promise<string> {
        return withOwnBaggage('own', () => this.call('baggage'));
      }
    }
    class App {
      readonly controllers = [Chat];
    }
    for (const path of ['plain', 'stream', 'baggage'] as const) decorate(Get(path), Chat, path);
    decorate(Post('body'), Chat, 'body');
    Body()(Chat.prototype, 'body', 0);
    Controller()(Chat);
    Module(new App())(App);
    const app = await NestFactory.create(App, { logger: false });
    app.use(attributeTo((request: IncomingMessage) => who(request.headers)));
    await app.listen(0, '127.0.0.1');
    return { url: await app.getUrl(), close: () => app.close() };
  },

  /** A Next.js route handler is a function from `Request` to `Response`; any server of that form shows it. */
  'Next.js route handlers': async () => {
    const { createAdaptorServer } = await load<HonoServerModule>('@hono/node-server');
    const attributed =
      (handler: (request: Request) => Promise<Response>) =>
      (request: Request): Promise<Response> => {
        const { customer, context = {} } = who(Object.fromEntries(request.headers));
        return withCustomer(customer, context, () => handler(request));
      };
    const routes: Readonly<Record<string, (request: Request) => Promise<Response>>> = {
      '/plain': attributed(async () => new Response(await call('plain'))),
      '/body': attributed(async (request) => new Response(await call(((await request.json()) as Body).step))),
      '/stream': attributed(async () => new Response(streamOf(lateCalls()))),
      '/baggage': attributed(async () => new Response(await withOwnBaggage('own', () => call('baggage')))),
    };
    const notFound = async (): Promise<Response> => new Response(null, { status: 404 });
    return listen(
      createAdaptorServer({
        fetch: (request) => (routes[new URL(request.url).pathname] ?? notFound)(request),
      }),
    );
  },
};

async function listen(server: Server): Promise<Running> {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => void server.close(resolve));
    },
  };
}

/** A web stream is pulled by whoever reads it, so its generator is resumed with the attribution of its maker. */
function streamOf(chunks: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const attribution = snapshotAttribution();
  return new ReadableStream({
    async pull(controller) {
      const { value, done } = await runWithAttribution(attribution, () => chunks.next());
      if (done === true) controller.close();
      else controller.enqueue(new TextEncoder().encode(value));
    },
  });
}

type Body = { readonly step: string };
type Replies = { end(text?: string): unknown } & NodeJS.WritableStream;

/** What the tests use of each framework, which only this suite installs. */
interface ExpressModule {
  readonly default: {
    (): RequestListener & {
      use(middleware: unknown): void;
      get(path: string, handler: (request: { body: Body }, response: Replies) => unknown): void;
      post(path: string, handler: (request: { body: Body }, response: Replies) => unknown): void;
    };
    json(): unknown;
  };
}
type FastifyRequest = { readonly headers: IncomingMessage['headers']; readonly body: Body };
interface FastifyModule {
  fastify(): {
    addHook(name: string, hook: unknown): void;
    get(path: string, handler: (request: FastifyRequest) => Promise<unknown>): void;
    post(path: string, handler: (request: FastifyRequest) => Promise<unknown>): void;
    listen(options: object): Promise<string>;
    close(): Promise<unknown>;
  };
}
interface HonoContext {
  readonly req: { header(): Record<string, string>; json(): Promise<Body> };
  text(text: string): Response;
  body(stream: ReadableStream): Response;
}
interface HonoModule {
  readonly Hono: new () => {
    use(middleware: unknown): void;
    get(path: string, handler: (c: HonoContext) => unknown): void;
    post(path: string, handler: (c: HonoContext) => unknown): void;
    fetch(request: Request): Response | Promise<Response>;
  };
}
interface HonoServerModule {
  createAdaptorServer(app: { fetch(request: Request): Response | Promise<Response> }): Server;
}
interface KoaContext {
  readonly headers: IncomingMessage['headers'];
  readonly path: string;
  readonly req: IncomingMessage;
  body: unknown;
}
interface KoaModule {
  readonly default: new () => {
    use(middleware: unknown): void;
    callback(): RequestListener;
  };
}
type Decorator = (target: object, name?: string, descriptor?: unknown) => void;
interface NestModule {
  readonly Body: () => (target: object, name: string, index: number) => void;
  readonly Controller: () => Decorator;
  readonly Get: (path: string) => Decorator;
  readonly Post: (path: string) => Decorator;
  readonly Module: (metadata: object) => Decorator;
  readonly StreamableFile: new (stream: Readable) => unknown;
}
interface NestCoreModule {
  readonly NestFactory: {
    create(
      module: unknown,
      options: object,
    ): Promise<{
      use(middleware: unknown): void;
      listen(port: number, host: string): Promise<unknown>;
      getUrl(): Promise<string>;
      close(): Promise<unknown>;
    }>;
  };
}

/** A decorator called by hand: the syntax is not erasable. */
function decorate(decorator: Decorator, target: { readonly prototype: object }, name: string): void {
  decorator(target.prototype, name, Object.getOwnPropertyDescriptor(target.prototype, name));
}
