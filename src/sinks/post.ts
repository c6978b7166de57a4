import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { decodePercent } from '../base/percent.ts';
import { LONGEST_WAIT_MS } from '../delivery/call-sink.ts';
import { SinkError } from '../delivery/sink-error.ts';
import { parseRetryAfter } from '../delivery/verdict.ts';

/** A header's value, or where to get it at each attempt: `() => \`Bearer ${process.env.TOKEN}\``. */
export type HeaderValue = string | (() => string | undefined);

export interface PostRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, HeaderValue>>;
  readonly contentType: string;
  readonly body: string | Uint8Array;
  readonly gzip: boolean;
  readonly timeoutMs: number;
  /** What a refusal says, where its text is not what people should read. */
  readonly readRefusal?: (answer: Answer) => string;
}

export interface Answer {
  /** Without parameters: `application/json`. */
  readonly contentType: string;
  readonly bytes: Uint8Array;
  text(): string;
}

const compress = promisify(gzip);
/** Enough of an answer to understand it. */
const MAX_ANSWER = 64 * 1024;

/**
 * Posts and returns the answer when it is a success.
 *
 * @throws {SinkError} with status, `Retry-After` and answer, for delivery to act upon.
 */
export async function post(request: PostRequest): Promise<Answer> {
  const { body, contentType, timeoutMs } = request;
  const url = new URL(request.url);
  const shown = url.origin + url.pathname;
  const headers = new Headers({ 'content-type': contentType });
  takeCredentials(url, headers);
  for (const [name, value] of Object.entries(request.headers)) {
    const given = typeof value === 'function' ? value() : value;
    if (given !== undefined) setHeader(headers, name, given);
  }
  if (request.gzip) headers.set('content-encoding', 'gzip');
  const signal = AbortSignal.timeout(Math.min(timeoutMs, LONGEST_WAIT_MS));
  let response: Response;
  let answer: Answer;
  try {
    response = await fetch(url, {
      method: 'POST',
      headers,
      body: request.gzip ? await compress(body) : Buffer.from(body),
      // An address that moved is for a person to correct; the key is not carried elsewhere.
      redirect: 'manual',
      signal,
    });
    answer = await readAnswer(response);
  } catch (cause) {
    const reason = signal.aborted ? `no answer within ${timeoutMs} ms` : reasonOf(cause);
    throw new SinkError(`POST ${shown} failed: ${reason}`, { cause });
  }
  if (response.ok) return answer;
  const retryAfterMs = parseRetryAfter(response.headers.get('retry-after'), Date.now());
  throw new SinkError(`POST ${shown} was answered ${response.status}`, {
    status: response.status,
    response: (request.readRefusal ?? ((each: Answer) => each.text()))(answer),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/** fetch's own error quotes the value, which may be a key. */
function setHeader(headers: Headers, name: string, value: string): void {
  try {
    headers.set(name, value);
  } catch {
    throw new SinkError(
      `the value for the header '${name}' cannot be sent: it contains a line break or a character beyond Latin-1.`,
    );
  }
}

async function readAnswer(response: Response): Promise<Answer> {
  const [contentType = ''] = (response.headers.get('content-type') ?? '').split(';');
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > MAX_ANSWER) break;
  }
  const bytes = Buffer.concat(chunks);
  return { contentType: contentType.trim().toLowerCase(), bytes, text: () => bytes.toString() };
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message || cause.name : String(cause);
}

/** `https://user:password@host` as a header: fetch refuses it in an address. */
function takeCredentials(url: URL, headers: Headers): void {
  if (url.username === '' && url.password === '') return;
  const pair = `${decodePercent(url.username)}:${decodePercent(url.password)}`;
  headers.set('authorization', `Basic ${Buffer.from(pair).toString('base64')}`);
  url.username = '';
  url.password = '';
}
