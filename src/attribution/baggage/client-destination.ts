import { type Context, SpanKind, trace } from '@opentelemetry/api';
import { bracketed, type Destination, parseDestination } from './destination.ts';

/**
 * Where the request goes that is being injected, as far as its client span says. A span of another kind describes
 * something else (a server span names our own address); without a span nothing is known and nothing is sent.
 */
export function clientDestination(context: Context): Destination | undefined {
  const span = trace.getSpan(context) as
    | { readonly kind?: SpanKind; readonly attributes?: Readonly<Record<string, unknown>> }
    | undefined;
  if (span?.kind !== SpanKind.CLIENT || span.attributes === undefined) return undefined;
  const { attributes } = span;
  const url = attributes['url.full'] ?? attributes['http.url'];
  if (typeof url === 'string') return parseDestination(url);
  const host = attributes['server.address'] ?? attributes['net.peer.name'];
  if (typeof host !== 'string') return undefined;
  const port = attributes['server.port'] ?? attributes['net.peer.port'];
  return parseDestination(typeof port === 'number' ? `${bracketed(host)}:${port}` : bracketed(host));
}
