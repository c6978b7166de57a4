import { Buffer } from 'node:buffer';
import type { Recording } from './recordings.ts';

/** The recorded reply, in pieces as a network would bring it. */
export function recordedReply({
  response_body: body,
  response_body_type: type,
  response_headers: headers,
  status,
  stream,
}: Recording): Response {
  const bytes = type === 'aws-eventstream-base64' ? Buffer.from(body, 'base64') : Buffer.from(body);
  const pieces = Array.from({ length: Math.ceil(bytes.length / 1000) }, (_, index) =>
    bytes.subarray(index * 1000, index * 1000 + 1000),
  );
  const kept = Object.entries(headers).filter(([name]) => !DROPPED.has(name.toLowerCase()));
  // Some recorders dropped the headers.
  const contentType = type === 'sse' || (stream && type !== 'json') ? STREAM_TYPES[type] : 'application/json';
  const all = {
    ...(contentType === undefined ? {} : { 'content-type': contentType }),
    ...Object.fromEntries(kept),
  };
  return new Response(ReadableStream.from(pieces), { status, headers: all });
}

const DROPPED: ReadonlySet<string> = new Set(['content-encoding', 'content-length', 'transfer-encoding']);
const STREAM_TYPES: Readonly<Record<string, string>> = {
  sse: 'text/event-stream',
  ndjson: 'application/x-ndjson',
  'aws-eventstream-base64': 'application/vnd.amazon.eventstream',
};
