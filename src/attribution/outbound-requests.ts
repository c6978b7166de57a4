import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import { parseBaggageHeader } from './baggage-header.ts';
import { callerContext } from './caller-context.ts';
import { bracketed, type Destination, parseDestination } from './hosts.ts';
import { isAttributionEntry, processSlot } from './process-slot.ts';

/**
 * Writes the attribution that may leave onto requests as `fetch`, undici and `node:http` create them. `inject` alone
 * cannot: it learns the host from the client's span, and a span that is sampled out, or that nobody starts, says
 * nothing. Subscribed once per process.
 */
export function watchOutboundRequests(): void {
  const slot = processSlot();
  if (slot.watching === true) return;
  slot.watching = true;
  subscribe('undici:request:create', (message) =>
    quietly(() => onUndiciRequest((message as { request: UndiciRequest }).request)),
  );
  subscribe('http.client.request.created', (message) =>
    quietly(() => onHttpRequest((message as { request: ClientRequest }).request)),
  );
}

/** True when the request that is being created right now, and goes to `destination`, was already written on. */
export function isAlreadyWritten(destination: Destination): boolean {
  return written?.host === destination.host && written.port === destination.port;
}

/**
 * Set while undici's channel is published: an instrumentation that subscribed after us calls `inject` for the same
 * request, in the same turn.
 */
let written: Destination | undefined;

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
  written = destination;
  queueMicrotask(() => {
    written = undefined;
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
  return processSlot().outbound?.(callerContext(), destination, existing) ?? '';
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
