import type { IncomingMessage, ServerResponse } from 'node:http';
import { ConfigError, describe } from '../base/errors.ts';
import { isLoopback } from '../base/loopback.ts';
import { callable, type Kind, kind, type KindsOf, listOf, optionsOf, required } from '../base/options.ts';
import { known, object } from '../base/read.ts';
import { Budget } from '../budgets/budget.ts';
import type { SinkHealth } from '../delivery/sink.ts';
import { readBody } from '../receiver/read-body.ts';
import { respondTo, serve, type Served } from '../receiver/serve.ts';
import { timeZone } from '../reports/period.ts';
import { answerApi } from './api-handler.ts';
import { Access } from './http/access.ts';
import { hostOf } from './http/host.ts';
import { loginPage, loginStyle } from './http/login-page.ts';
import { pageFile } from './http/page-files.ts';
import { refuse, respond } from './http/responses.ts';
import type { ReadableLedger, Source } from './question.ts';

/** Options of `createDashboard`; only `ledger` is needed. */
export interface DashboardOptions {
  /** What is looked at. It is only read. */
  readonly ledger: ReadableLedger;
  /**
   * Whoever looks must know it: in a browser as a password, in a program as a bearer token. Default: nobody is asked,
   * and only requests from this machine, to a name of this machine, are answered.
   */
  readonly token?: string;
  /**
   * The names the dashboard is reached under, `costs.example.com`, without a port; requests to others are refused.
   * Without a token this says that whoever reaches it may look: something in front of it asks. Default: with a token any
   * name, without one those of this machine.
   */
  readonly hosts?: readonly string[];
  /** The path it is mounted at, where the server in front leaves it in the address: `/costs`. Default: none. */
  readonly basePath?: string;
  /** Where days and months begin, unless the page is asked for another: `Europe/Berlin`. Default: `UTC`. */
  readonly timeZone?: string;
  /** Budgets that are given in code; those kept in the ledger are shown in any case. */
  readonly budgets?: readonly Budget[];
  /** How the sinks of this process are doing: `() => processor.health()`. Default: the ledger's outbox alone is shown. */
  readonly health?: () => { readonly sinks: readonly SinkHealth[] };
  /** The clock. Default: the system's. */
  readonly now?: () => Date;
}

/** A page over a ledger, wherever it is served. */
export interface Dashboard {
  (request: Request): Promise<Response>;
  (request: IncomingMessage, response: ServerResponse): Promise<void>;
  /**
   * Serves it on a port of its own. Default: 127.0.0.1, any free port.
   *
   * @throws {ConfigError} for an address that others reach, without a `token`.
   */
  listen(options?: { readonly port?: number; readonly host?: string }): Promise<Served>;
}

/**
 * A page to look at a ledger with, and the JSON API behind it (docs/dashboard.md). It changes nothing, loads nothing
 * from anywhere else, and shows no content of calls: there is none in a ledger.
 *
 * It takes a `Request` and gives a `Response`, or takes what `node:http` gives, so that any server can mount it.
 *
 * @throws {ConfigError} for an option it does not know or cannot use.
 * @example
 * const dashboard = createDashboard({ ledger: new SqliteLedger({ path: 'costs.db' }), basePath: '/costs', token: '…' });
 * http.createServer((request, response) => dashboard(request, response)).listen(8080);
 */
export function createDashboard(options: DashboardOptions): Dashboard {
  const handler = new Handler(checked(options));
  function dashboard(request: Request): Promise<Response>;
  function dashboard(request: IncomingMessage, response: ServerResponse): Promise<void>;
  function dashboard(
    request: Request | IncomingMessage,
    response?: ServerResponse,
  ): Promise<Response | void> {
    if (request instanceof Request) return handler.handle(request, true);
    if (response === undefined)
      throw new ConfigError('dashboard: expected a Request, or the request and the response of node:http.');
    return handler.handleNode(request, response);
  }
  return Object.assign(dashboard, {
    listen: ({ port = 0, host = '127.0.0.1' }: { readonly port?: number; readonly host?: string } = {}) => {
      handler.checkListening(host);
      return serve((request, incoming) => handler.handle(request, isFromHere(incoming)), { port, host });
    },
  });
}

class Handler {
  readonly #source: Source;
  readonly #access: Access;
  readonly #hosts: ReadonlySet<string> | undefined;
  readonly #basePath: string;

  constructor({
    ledger,
    token,
    hosts,
    basePath = '',
    timeZone = 'UTC',
    budgets = [],
    health,
    now,
  }: DashboardOptions) {
    this.#source = {
      ledger,
      timeZone,
      budgets,
      sinks: () => health?.().sinks ?? [],
      now: now ?? (() => new Date()),
    };
    this.#access = new Access(token);
    this.#hosts = hosts && new Set(hosts.map((host) => host.toLowerCase()));
    this.#basePath = basePath.replace(/\/+$/, '');
  }

  /** @throws {ConfigError} */
  checkListening(host: string): void {
    if (isLoopback(host) || !this.#access.isOpen || this.#hosts !== undefined) return;
    throw new ConfigError(
      `On ${host} anybody could look. Give a token (--token, or COSTSPAN_DASHBOARD_TOKEN), or listen on 127.0.0.1.`,
    );
  }

  async handleNode(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    // Express takes the path it is mounted at away, and with it the slash that relative addresses need.
    const { originalUrl = incoming.url ?? '/' } = incoming as { originalUrl?: string };
    const [path = '', query] = originalUrl.split('?');
    if (incoming.url?.split('?')[0] === '/' && !path.endsWith('/')) {
      outgoing
        .writeHead(308, {
          location: `${path.split('/').at(-1) ?? ''}/${query === undefined ? '' : `?${query}`}`,
        })
        .end();
      return;
    }
    await respondTo((request) => this.handle(request, isFromHere(incoming)), incoming, outgoing);
  }

  async handle(request: Request, isFromHere: boolean): Promise<Response> {
    const response = await this.#answer(request, isFromHere);
    return request.method === 'HEAD'
      ? new Response(null, { status: response.status, headers: response.headers })
      : response;
  }

  async #answer(request: Request, isFromHere: boolean): Promise<Response> {
    const refused = this.#refusedByHost(request, isFromHere);
    if (refused !== undefined) return refused;
    const { pathname } = new URL(request.url);
    if (pathname === this.#basePath && pathname !== '')
      return respond(308, 'text/plain', '', { location: `${pathname.split('/').at(-1)}/` });
    if (!pathname.startsWith(`${this.#basePath}/`)) return notFound(pathname);
    const path = pathname.slice(this.#basePath.length + 1);
    if (path === 'login' && request.method === 'POST') return this.#logIn(request);
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return refuse(405, 'METHOD_NOT_ALLOWED', 'The dashboard only reads: ask with GET.', {
        allow: 'GET, HEAD',
      });
    if (path === 'login.css') return loginStyle();
    if (!this.#access.mayEnter(request, this.#source.now())) return this.#askForToken(path);
    if (path.startsWith('api/')) return answerApi(this.#source, path.slice('api/'.length), request);
    return (
      (await pageFile(path === '' ? 'index.html' : path)) ?? (path === '' ? notBuilt() : notFound(pathname))
    );
  }

  #refusedByHost(request: Request, isFromHere: boolean): Response | undefined {
    const host = hostOf(request);
    if (this.#hosts !== undefined)
      return this.#hosts.has(host)
        ? undefined
        : refuse(
            403,
            'FOREIGN_HOST',
            `The dashboard is not reached as ${shown(host)}: 'hosts' names where it is.`,
          );
    if (!this.#access.isOpen || (isFromHere && isLoopback(host))) return undefined;
    return refuse(
      403,
      'FOREIGN_HOST',
      `Without a token the dashboard answers this machine alone, as localhost or 127.0.0.1; this request is for ${shown(host)}. Give it a token, or name in 'hosts' where it is reached.`,
    );
  }

  #askForToken(path: string): Response {
    if (path.startsWith('api/'))
      return refuse(
        401,
        'UNAUTHORIZED',
        'A token is needed: Authorization: Bearer <token>, or log in at login.',
        {
          'www-authenticate': 'Bearer',
        },
      );
    return path === '' || path === 'login' ? loginPage(401) : refuse(401, 'UNAUTHORIZED', 'Log in first.');
  }

  async #logIn(request: Request): Promise<Response> {
    if (this.#access.isOpen) return refuse(404, 'NOT_FOUND', 'There is no token to log in with.');
    const token = await tokenOf(request);
    if (token === undefined || !this.#access.isToken(token)) return loginPage(401, 'This is not the token.');
    const isSecure = new URL(request.url).protocol === 'https:';
    return respond(303, 'text/plain', '', {
      location: './',
      'set-cookie': this.#access.cookie(this.#source.now(), isSecure),
    });
  }
}

async function tokenOf(request: Request): Promise<string | undefined> {
  try {
    const body = new TextDecoder().decode(await readBody(request, 4_096));
    return new URLSearchParams(body).get('token') ?? undefined;
  } catch {
    return undefined;
  }
}

function isFromHere({ socket }: IncomingMessage): boolean {
  // Undefined on a Unix socket, and once the reader is gone.
  return socket.remoteAddress === undefined || isLoopback(socket.remoteAddress);
}

function notFound(path: string): Response {
  return refuse(404, 'NOT_FOUND', `There is nothing at ${shown(path)}.`);
}

function notBuilt(): Response {
  return respond(
    503,
    'text/plain; charset=utf-8',
    'The page is not built: run `npm run build` in the folder of costspan, and start the dashboard again. The API below api/ works without it.\n',
  );
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}

const ledger: Kind<ReadableLedger> & { readonly required: true } = required(
  kind(
    'a ledger, such as new SqliteLedger({ path })',
    (value) => typeof object(value)?.query === 'function' && typeof object(value)?.events === 'function',
  ),
);

const KINDS: KindsOf<DashboardOptions> = {
  ledger,
  // Never the token itself in a message.
  token: () => undefined,
  hosts: listOf(
    kind(
      'a name without a port',
      (value) => typeof value === 'string' && /^[\w.-]+$|^\[[\da-f:]+\]$/i.test(value),
    ),
  ),
  basePath: kind(
    "a path like '/costs'",
    (value) => typeof value === 'string' && /^(\/[\w.~-]+)*\/?$/.test(value),
  ),
  timeZone,
  budgets: listOf(kind('a Budget', (value) => value instanceof Budget)),
  health: callable,
  now: callable,
};

function checked(options: DashboardOptions): DashboardOptions {
  if (object(options) === undefined)
    throw new ConfigError(`createDashboard: expected options, such as { ledger }, got ${describe(options)}.`);
  optionsOf('createDashboard', options, KINDS);
  const { token } = options as { readonly token?: unknown };
  if (token !== undefined && !(typeof token === 'string' && /^\S+$/.test(token)))
    throw new ConfigError("createDashboard: expected 'token' to be a non-empty word without spaces.");
  return known({ ...options });
}
