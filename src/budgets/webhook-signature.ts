import { createHmac, timingSafeEqual } from 'node:crypto';
import { ConfigError, describe } from '../base/errors.ts';

/** The headers of a signed webhook, as the Standard Webhooks specification names them (standardwebhooks.com, 1.0). */
export interface WebhookHeaders {
  readonly 'webhook-id': string;
  readonly 'webhook-timestamp': string;
  readonly 'webhook-signature': string;
}

/**
 * Signs a webhook with every secret, newest first: receivers that have not yet changed theirs still find a signature
 * they know. A secret is text, or `whsec_` and base64.
 */
export function signWebhook(id: string, at: Date, body: string, secrets: readonly string[]): WebhookHeaders {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const signatures = secrets.map(
    (secret) => `v1,${signature(secret, id, timestamp, body).toString('base64')}`,
  );
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  };
}

export interface VerifyWebhookOptions {
  /** Any of these may have signed. */
  readonly secrets: readonly string[];
  /** How far the timestamp may be off, in milliseconds; older ones are replays. Default: 5 minutes. */
  readonly toleranceMs?: number;
  readonly now?: Date;
}

/**
 * Whether a webhook was sent by whoever knows the secret, is as it was sent, and is not old. Give the body as it came,
 * before anything parsed it. Compared in constant time.
 *
 * @throws {ConfigError} without a secret.
 * @example
 * const isOurs = verifyWebhook(request.headers, await request.text(), { secrets: [secret] });
 */
export function verifyWebhook(
  headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>,
  body: string,
  { secrets, toleranceMs = 300_000, now = new Date() }: VerifyWebhookOptions,
): boolean {
  const usable: readonly unknown[] = secrets;
  if (
    !Array.isArray(usable) ||
    usable.length === 0 ||
    !usable.every((each) => typeof each === 'string' && each !== '')
  )
    throw new ConfigError(
      `verifyWebhook: expected { secrets: ['…'] }, got ${describe(secrets)}. Is an environment variable unset?`,
    );
  const header = (name: string): string => {
    const value = headers instanceof Headers ? headers.get(name) : headers[name];
    return typeof value === 'string' ? value : '';
  };
  const id = header('webhook-id');
  const timestamp = header('webhook-timestamp');
  if (id === '' || !/^\d+$/.test(timestamp)) return false;
  if (Math.abs(now.getTime() - Number(timestamp) * 1000) > toleranceMs) return false;
  const given = header('webhook-signature')
    .split(' ')
    .filter((each) => each.startsWith('v1,'))
    .map((each) => Buffer.from(each.slice('v1,'.length), 'base64'));
  return secrets.some((secret) => {
    const expected = signature(secret, id, timestamp, body);
    return given.some((each) => each.length === expected.length && timingSafeEqual(each, expected));
  });
}

function signature(secret: string, id: string, timestamp: string, body: string): Buffer {
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice('whsec_'.length), 'base64') : secret;
  return createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest();
}
