import type { Failure } from './outbox.ts';
import { count, object, text } from '../base/read.ts';

/**
 * What to do after a failed attempt.
 * `repeat`: the same again later. `pause`: the key is wrong, so is every attempt until somebody acts.
 * `astray`: the address or the format seems to be wrong. `refused`: something in the batch is not acceptable.
 * `duplicate`: the receiver has it already.
 */
export interface Verdict {
  readonly kind: 'repeat' | 'pause' | 'astray' | 'refused' | 'duplicate';
  readonly failure: Failure;
  /** How long the receiver asked to be left alone. */
  readonly retryAfterMs?: number;
}

/** No answer of a receiver is kept longer than this. */
const MAX_RESPONSE = 2_000;
/** No receiver is left alone longer than this. */
const MAX_RETRY_AFTER_MS = 3_600_000;

/** Reads what a sink threw: our `SinkError`, or any error with `status`, `retryAfterMs` and `response`. */
export function verdictOf(error: unknown): Verdict {
  const fields = object(error) ?? {};
  const status = count(fields.status) ?? count(fields.statusCode);
  const response = text(fields.response) ?? text(fields.body);
  const retryAfterMs = count(fields.retryAfterMs);
  return {
    kind: kindOf(status, `${response ?? ''} ${messageOf(error)}`),
    failure: {
      message: messageOf(error),
      ...(status === undefined ? {} : { status }),
      ...(response === undefined ? {} : { response: response.slice(0, MAX_RESPONSE) }),
    },
    ...(retryAfterMs === undefined ? {} : { retryAfterMs: Math.min(retryAfterMs, MAX_RETRY_AFTER_MS) }),
  };
}

const REPEATED: ReadonlySet<number> = new Set([408, 425, 429]);
/** No key, a wrong one, an account that is closed or not paid for. */
const PAUSED: ReadonlySet<number> = new Set([401, 402, 403, 407]);
/** Nothing there, or nothing there that takes what we send. Some receivers say 404 of a customer, too. */
const ASTRAY: ReadonlySet<number> = new Set([404, 405, 406, 410, 415, 421, 426]);
/** How receivers say that they have an event already: Stripe, Lago, Orb, Metronome and most others. */
const DUPLICATE =
  /already[ _-]?(?:exists?|processed|received|ingested|recorded|been)|duplicate|value_already_exist/i;

function kindOf(status: number | undefined, answer: string): Verdict['kind'] {
  if (status === undefined || status < 400 || status >= 500 || REPEATED.has(status)) return 'repeat';
  if (PAUSED.has(status)) return 'pause';
  if (status === 409 || DUPLICATE.test(answer)) return 'duplicate';
  return ASTRAY.has(status) ? 'astray' : 'refused';
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  const detail = cause instanceof Error && cause.message !== '' ? `: ${cause.message}` : '';
  return `${error.message}${error.message.includes(detail) ? '' : detail}`.slice(0, MAX_RESPONSE);
}

/** `Retry-After` as milliseconds from `now`: seconds or an HTTP date, https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3 */
export function parseRetryAfter(header: string | null | undefined, now: number): number | undefined {
  if (header === null || header === undefined || header.trim() === '') return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
