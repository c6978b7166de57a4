import type { ApiError } from '../api.ts';

/**
 * What every answer says: nothing is loaded from anywhere else, no script but ours runs, nobody frames the page, and
 * nobody is told where it was.
 */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
};

export function respond(
  status: number,
  contentType: string,
  body: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(body, {
    status,
    headers: { ...SECURITY_HEADERS, 'cache-control': 'no-store', 'content-type': contentType, ...headers },
  });
}

export function respondJson(
  status: number,
  value: object,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return respond(status, 'application/json; charset=utf-8', JSON.stringify(value), headers);
}

export function refuse(
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const error: ApiError = { error: { code, message } };
  return respondJson(status, error, headers);
}
