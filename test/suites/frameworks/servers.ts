import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import type { ReadableStream as WebStream } from 'node:stream/web';
import { createAdaptorServer } from '@hono/node-server';
import { Body, Controller, Get, Module, type NestInterceptor, Post, StreamableFile } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import express from 'express';
import { fastify, type FastifyRequest } from 'fastify';
import { type Context, Hono } from 'hono';
import Koa from 'koa';
import { Observable } from 'rxjs';
import { attributeTo } from '../../../src/attribution/attribute-to.ts';
import { runWithAttribution, snapshotAttribution, withCustomer } from '../../../src/attribution/scope.ts';
import { call, lateCalls, who, withOwnBaggage } from './application.ts';

export interface Running {
  readonly url: string;
  close(): Promise<unknown>;
}

/**
 * The same application in every framework: `GET /plain` calls once, `POST /body` calls after its JSON body was
 * parsed, `GET /stream` goes on calling after its handler returned, `GET /baggage` sets the customer in baggage.
 */
export const SERVERS: Readonly<Record<string, () => Promise<Running>>> = {
  'node:http': () => {
    const attribute = attributeTo((request: IncomingMessage) => who(request.headers));
    return listen(
      createServer((request, response) =>
        attribute(request, response, () => {
          let body = '';
          request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
          request.on('end', async () => {
            if (request.url === '/stream') Readable.from(lateCalls()).pipe(response);
            else if (request.url === '/baggage') response.end(await baggageCall());
            else response.end(await call(body === '' ? 'plain' : stepOf(JSON.parse(body))));
          });
        }),
      ),
    );
  },

  Express: () => {
    const app = express();
    app.use(attributeTo((request) => who(request.headers)));
    // Behind the middleware on purpose: the body parser must not lose the scope.
    app.use(express.json());
    app.get('/plain', async (_, response) => void response.end(await call('plain')));
    app.post('/body', async ({ body }, response) => void response.end(await call(stepOf(body))));
    app.get('/stream', (_, response) => void Readable.from(lateCalls()).pipe(response));
    app.get('/baggage', async (_, response) => void response.end(await baggageCall()));
    return listen(createServer(app));
  },

  Fastify: async () => {
    const app = fastify();
    app.addHook(
      'preHandler',
      attributeTo((request: FastifyRequest) => who(request.headers)),
    );
    app.get('/plain', () => call('plain'));
    app.post('/body', ({ body }) => call(stepOf(body)));
    app.get('/stream', async () => Readable.from(lateCalls()));
    app.get('/baggage', baggageCall);
    const url = await app.listen({ port: 0, host: '127.0.0.1' });
    return { url, close: () => app.close() };
  },

  Hono: () => {
    const app = new Hono();
    app.use(attributeTo((c: Context) => who(c.req.header())));
    app.get('/plain', async (c) => c.text(await call('plain')));
    app.post('/body', async (c) => c.text(await call(stepOf(await c.req.json()))));
    app.get('/stream', (c) => c.body(streamOf(lateCalls())));
    app.get('/baggage', async (c) => c.text(await baggageCall()));
    return listen(createAdaptorServer(app) as Server);
  },

  Koa: () => {
    const app = new Koa();
    app.use(attributeTo((ctx: Koa.Context) => who(ctx.headers)));
    app.use(async (ctx) => {
      let body = '';
      for await (const chunk of ctx.req) body += String(chunk);
      if (ctx.path === '/stream') ctx.body = Readable.from(lateCalls());
      else if (ctx.path === '/baggage') ctx.body = await baggageCall();
      else ctx.body = await call(body === '' ? 'plain' : stepOf(JSON.parse(body)));
    });
    return listen(createServer(app.callback()));
  },

  NestJS: async () => {
    const app = await NestFactory.create(moduleOf(Chat), { logger: false });
    app.use(attributeTo((request: IncomingMessage) => who(request.headers)));
    await app.listen(0, '127.0.0.1');
    return { url: await app.getUrl(), close: () => app.close() };
  },

  'NestJS, by interceptor': async () => {
    const app = await NestFactory.create(moduleOf(SnapshotChat), { logger: false });
    app.useGlobalInterceptors(attributionInterceptor);
    await app.listen(0, '127.0.0.1');
    return { url: await app.getUrl(), close: () => app.close() };
  },

  /** A Next.js route handler is a function from `Request` to `Response`; any server of that form shows it. */
  'Next.js route handlers': () => {
    const routes: Readonly<Record<string, Handler>> = {
      '/plain': attributed(async () => new Response(await call('plain'))),
      '/body': attributed(async (request) => new Response(await call(stepOf(await request.json())))),
      '/stream': attributed(async () => new Response(streamOf(lateCalls()))),
      '/baggage': attributed(async () => new Response(await baggageCall())),
    };
    const fetch: Handler = async (request) =>
      (await routes[new URL(request.url).pathname]?.(request)) ?? new Response(null, { status: 404 });
    return listen(createAdaptorServer({ fetch }) as Server);
  },
};

type Handler = (request: Request) => Promise<Response>;

/** The recipe for route handlers: a scope around each. */
const attributed =
  (handler: Handler): Handler =>
  (request) => {
    const { customer, context = {} } = who(Object.fromEntries(request.headers));
    return withCustomer(customer, context, () => handler(request));
  };

/** The recipe for what has no middleware: GraphQL, microservices. */
const attributionInterceptor: NestInterceptor = {
  intercept: (execution, next) =>
    new Observable((observer) => {
      const { customer, context = {} } = who(execution.switchToHttp().getRequest<IncomingMessage>().headers);
      return withCustomer(customer, context, () => next.handle().subscribe(observer));
    }),
};

const baggageCall = (): Promise<string> => withOwnBaggage('own', () => call('baggage'));
const stepOf = (body: unknown): string => (body as { step: string }).step;

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

class Chat {
  readonly call = call;

  plain(): Promise<string> {
    return this.call('plain');
  }

  body(body: unknown): Promise<string> {
    return this.call(stepOf(body));
  }

  stream(): StreamableFile {
    return new StreamableFile(Readable.from(lateCalls()));
  }

  baggage(): Promise<string> {
    return withOwnBaggage('own', () => this.call('baggage'));
  }
}

/** Behind an interceptor the reply is read when the scope is over, so its stream takes the attribution along. */
class SnapshotChat extends Chat {
  override stream(): StreamableFile {
    return new StreamableFile(Readable.fromWeb(streamOf(lateCalls()) as WebStream));
  }
}

/** NestJS's decorators, called by hand: their syntax is not erasable. */
function moduleOf(controller: typeof Chat): new () => object {
  const on = (decorator: MethodDecorator, name: keyof Chat): void => {
    const value: unknown = controller.prototype[name];
    Object.defineProperty(controller.prototype, name, { value, configurable: true, writable: true });
    decorator(controller.prototype, name, { value });
  };
  on(Get('plain'), 'plain');
  on(Get('stream'), 'stream');
  on(Get('baggage'), 'baggage');
  on(Post('body'), 'body');
  Body()(controller.prototype, 'body', 0);
  Controller()(controller);
  const module = class {
    readonly name = 'chat';
  };
  Module({ controllers: [controller] })(module);
  return module;
}

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
