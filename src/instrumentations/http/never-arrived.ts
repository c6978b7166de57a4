/** The request never reached the provider: there was no connection to send it on. */
export function neverArrived(error: unknown): boolean {
  for (
    let cause: unknown = error, depth = 0;
    depth < 5 && typeof cause === 'object' && cause !== null;
    depth++
  ) {
    const { code } = cause as { readonly code?: unknown };
    if (typeof code === 'string' && NO_CONNECTION.has(code)) return true;
    ({ cause } = cause as { readonly cause?: unknown });
  }
  return false;
}

const NO_CONNECTION: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ERR_INVALID_URL',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);
