type Environment = Readonly<Record<string, string | undefined>>;

const DEFAULT_ENDPOINT = 'http://localhost:4318';

/** Where logs go, https://opentelemetry.io/docs/specs/otel/protocol/exporter/#endpoint-urls-for-otlphttp */
export function otlpEndpoint(env: Environment): string {
  const own = env['OTEL_EXPORTER_OTLP_LOGS_ENDPOINT'];
  if (own !== undefined && own !== '') return own;
  const shared = env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  return `${(shared === undefined || shared === '' ? DEFAULT_ENDPOINT : shared).replace(/\/+$/, '')}/v1/logs`;
}

/** `api-key=abc,tenant=x%20y` as headers; an entry that cannot be read is left out. */
export function otlpHeaders(env: Environment): Record<string, string> {
  const list = env['OTEL_EXPORTER_OTLP_LOGS_HEADERS'] ?? env['OTEL_EXPORTER_OTLP_HEADERS'] ?? '';
  const headers: Record<string, string> = {};
  for (const entry of list.split(',')) {
    const [name = '', ...value] = entry.split('=');
    try {
      if (name.trim() !== '' && value.length > 0)
        headers[name.trim()] = decodeURIComponent(value.join('=').trim());
    } catch {
      // Not percent-encoded text: nothing that could be sent as a header.
    }
  }
  return headers;
}
