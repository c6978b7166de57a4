import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import { join, shared } from '../../base/process.ts';
import { parseBaggageHeader } from './header.ts';
import { callerContext } from '../caller-context.ts';
import { bracketed, type Destination, parseDestination } from './destination.ts';
import { isAttributionEntry } from '../names.ts';
import { outboundRule } from './outbound-rule.ts';

/**
 * Writes the attribution that may leave onto requests as `fetch`, undici and `node:http` create them, until the
 * returned function is called. `inject` alone cannot: it learns the host from the client's span, and a span that is
 * sampled out, or that nobody starts, says nothing. The process is subscribed once, whoever asks.
 */
export function writeOnOutboundRequests(): () => void {
  const state = outbound();
  if (state.writers.length === 0) {
    subscribe('undici:request:create', writeOnUndici);
    subscribe('http.client.request.created', writeOnHttp);
    state.stop = () => {
      unsubscribe('undici:request:create', writeOnUndici);
      unsubscribe('http.client.request.created', writeOnHttp);
    };
  }
  const leave = join(state.writers, {});
  return () => {
    leave();
    if (state.writers.length === 0) state.stop?.();
  };
}

/** True when the request that is being created right now, and goes to `destination`, was already written on. */
export function isAlreadyWritten(destination: Destination): boolean {
  const { written } = outbound();
  return written?.host === destination.host && written.port === destination.port;
}

interface Outbound {
  readonly writers: object[];
  /**
   * Set while undici's channel is published: an instrumentation that subscribed after us calls `inject` for the same
   * request, in the same turn.
   */
  written?: Destination | undefined;
  stop?: () => void;
}

function outbound(): Outbound {
  return shared('attribution outbound requests', () => ({ writers: [] }));
}

function writeOnUndici(message: unknown): void {
  quietly(() => onUndiciRequest((message as { request: UndiciRequest }).request));
}

function writeOnHttp(message: unknown): void {
  quietly(() => onHttpRequest((message as { request: ClientRequest }).request));
}

interface UndiciRequest {
  readonly method: string;
  readonly origin: string | URL;
  readonly headers: string | readonly (string | readonly string[])[];
  addHeader(name: string, value: string): void;
}

function onUndiciRequest(request: UndiciRequest): void {
  const destination = parseDestination(String(request.origin));
  if (request.method === 'CONNECT' || destination === undefined) return;
  const header = headerFor(destination, undiciBaggage(request.headers));
  if (header === '') return;
  request.addHeader('baggage', header);
  const state = outbound();
  state.written = destination;
  queueMicrotask(() => {
    state.written = undefined;
  });
}

function onHttpRequest(request: ClientRequest): void {
  if (request.headersSent || request.method === 'CONNECT' || isUnixSocket(request)) return;
  const named = parseDestination(String(request.getHeader('host') ?? ''));
  const destination = parseDestination(
    `${request.protocol}//${bracketed(request.host)}:${named?.port ?? (request.protocol === 'https:' ? 443 : 80)}`,
  );
  if (destination === undefined) return;
  const given = request.getHeader('baggage');
  const existing = Array.isArray(given) ? given.join(',') : String(given ?? '');
  const header = headerFor(destination, existing);
  if (header !== '') request.setHeader('baggage', existing === '' ? header : `${existing},${header}`);
}

function headerFor(destination: Destination, existing: string): string {
  if (parseBaggageHeader(existing).some(({ name }) => isAttributionEntry(name))) return '';
  return outboundRule()?.(callerContext(), destination, existing) ?? '';
}

/** A flat list of names and values, or raw header lines in old versions. */
function undiciBaggage(headers: UndiciRequest['headers']): string {
  if (typeof headers === 'string') {
    return headers
      .split('\r\n')
      .flatMap((line) => (/^baggage:/i.test(line) ? [line.slice('baggage:'.length).trim()] : []))
      .join(',');
  }
  return headers
    .flatMap((name, index) =>
      index % 2 === 0 && String(name).toLowerCase() === 'baggage' ? [String(headers[index + 1])] : [],
    )
    .join(',');
}

/** A request over a socket file names `localhost` and says nothing about who listens. */
function isUnixSocket(request: ClientRequest): boolean {
  return typeof (request as { readonly socketPath?: unknown }).socketPath === 'string';
}

/** Runs inside the application's request: whatever fails here, the request goes on without our entries. */
function quietly(write: () => void): void {
  try {
    write();
  } catch {
    // Nothing is sent; the receiver sees an unattributed call.
  }
}
