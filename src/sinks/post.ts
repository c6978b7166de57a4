import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { SinkError } from './sink-error.ts';
import { parseRetryAfter } from './verdict.ts';

/** A header's value, or where to get it at each attempt: `() => \`Bearer ${process.env.TOKEN}\``. */
export type HeaderValue = string | (() => string | undefined);

export interface PostRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, HeaderValue>>;
  readonly contentType: string;
  readonly body: string;
  readonly gzip: boolean;
  readonly timeoutMs: number;
}

const compress = promisify(gzip);
/** Enough of an answer to understand it. */
const MAX_ANSWER = 64 * 1024;

/**
 * Posts and returns the answer's text when it is a success.
 *
 * @throws {SinkError} with status, `Retry-After` and answer, for delivery to act upon.
 */
export async function post(request: PostRequest): Promise<string> {
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
  const signal = AbortSignal.timeout(timeoutMs);
  let response: Response;
  let answer: string;
  try {
    response = await fetch(url, {
      method: 'POST',
      headers,
      body: request.gzip ? await compress(body) : body,
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
    response: answer,
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

async function readAnswer(response: Response): Promise<string> {
  if (response.body === null) return '';
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > MAX_ANSWER) break;
  }
  return text;
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message || cause.name : String(cause);
}

/** `https://user:password@host` as a header: fetch refuses it in an address. */
function takeCredentials(url: URL, headers: Headers): void {
  if (url.username === '' && url.password === '') return;
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  headers.set('authorization', `Basic ${Buffer.from(pair).toString('base64')}`);
  url.username = '';
  url.password = '';
}
