import { EventEmitter } from 'node:events';
import { ConfigError, describe } from '../base/errors.ts';
import type { ContextInput, CustomerInput } from './attribution.ts';
import { bindListeners, bindReading } from './baggage/bind-listeners.ts';
import { callerContext } from './caller-context.ts';
import { withCustomer } from './scope.ts';
import { warnOnce } from '../base/warn-once.ts';

/** What a request says about who pays; nothing where it does not know. */
export interface RequestAttribution {
  /** As in `withCustomer`: a string bills, `null` bills explicitly nobody, `undefined` inherits. */
  readonly customer?: CustomerInput;
  readonly context?: ContextInput | undefined;
}

/** Reads a request, after whatever authenticated it. It may be asynchronous. */
export type ReadRequest<Request> = (
  request: Request,
) => RequestAttribution | undefined | Promise<RequestAttribution | undefined>;

/** A middleware in both usual shapes: one calls back when it is done, the other awaits the rest. */
export interface AttributionMiddleware<Request> {
  /** Express, Connect, NestJS, a Fastify hook, plain `node:http`. */
  (request: Request, response: unknown, next: (error?: never) => unknown): void;
  /** Hono, Koa; and the shape by which Fastify's types know a hook, whose second argument is the reply. */
  (context: Request, next: object): Promise<never>;
}

/**
 * A middleware that attributes everything a request starts, streams that outlive its handler included. Put it behind
 * authentication. It never fails a request: when `read` throws or rejects, the request goes on unattributed and
 * `diag` says so.
 *
 * Express, NestJS: `app.use(…)`. Fastify: `app.addHook('preHandler', …)`. Hono: `app.use(…)`, `read` gets the
 * context `c`. Koa: `app.use(…)`, `read` gets `ctx`. `node:http`: call it with the request, the response and the
 * rest of the handler.
 *
 * @throws {ConfigError} when `read` is not a function.
 * @example
 * app.use(attributeTo((req: AppRequest) => ({ customer: req.user.orgId, context: { feature: 'chat' } })));
 */
export function attributeTo<Request>(read: ReadRequest<Request>): AttributionMiddleware<Request> {
  if (typeof read !== 'function') {
    throw new ConfigError(
      `attributeTo: expected a function (request) => ({ customer, context }), got ${describe(read)}.`,
    );
  }
  return ((request: Request, ...rest: readonly unknown[]) => {
    const next = rest.at(-1) as () => unknown;
    const [emitters, answer] = partsOf(request, rest.length > 1 ? rest[0] : undefined);
    const run = (said: Said): unknown =>
      withCustomer(said?.customer, said?.context, () => {
        for (const emitter of emitters) bindListeners(emitter, callerContext());
        const result = next();
        return answer === undefined
          ? result
          : afterwards(result, () => bindReading(answer(), callerContext()));
      });
    const said = attempt(read, request);
    const result = said instanceof Promise ? said.then(run) : run(said);
    if (rest.length === 1) return result;
    return undefined; // Express and Fastify give a returned promise a meaning of its own
  }) as AttributionMiddleware<Request>;
}

type Said = RequestAttribution | undefined;

function attempt<Request>(read: ReadRequest<Request>, request: Request): Said | Promise<Said> {
  try {
    const said = read(request);
    return isThenable(said) ? Promise.resolve(said).catch(ignore) : said;
  } catch (error) {
    return ignore(error);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { readonly then?: unknown } | undefined)?.then === 'function';
}

function ignore(error: unknown): undefined {
  warnOnce('the function given to attributeTo failed; the request is unattributed.', error);
}

/**
 * Node's request and response: the arguments themselves, Fastify's `raw`, Koa's `ctx.req` and `ctx.res`; and where the
 * answer will be found that is read when all is done, Koa's `ctx.body`. Hono has none of them.
 */
function partsOf(
  request: unknown,
  response: unknown,
): readonly [emitters: ReadonlySet<unknown>, answer?: () => unknown] {
  const { raw, req } = request as { readonly raw?: unknown; readonly req?: unknown };
  if (response !== undefined) return [new Set([request, response, raw, (response as { raw?: unknown }).raw])];
  // Hono makes a response when `c.res` is read, so only Koa's context is asked for it.
  if (!(req instanceof EventEmitter)) return [new Set()];
  const ctx = request as { readonly res?: unknown; readonly body?: unknown };
  return [new Set([req, ctx.res]), () => ctx.body];
}

async function afterwards(result: unknown, then: () => void): Promise<unknown> {
  const value = await result;
  then();
  return value;
}
