import {
  choiceFromEnvironment,
  countFromEnvironment,
  type Environment,
  fromEnvironment,
} from '../../base/environment.ts';
import { decodePercent } from '../../base/percent.ts';
import { warnOnce } from '../../base/warn-once.ts';

/** How logs are sent, as far as the environment says; the options of the code come before it. */
export interface OtlpEnvironment {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly protocol: OtlpProtocol;
  readonly gzip: boolean;
  readonly timeoutMs: number;
}

export const OTLP_PROTOCOLS = ['http/protobuf', 'http/json'] as const;
export type OtlpProtocol = (typeof OTLP_PROTOCOLS)[number];

const DEFAULT_ENDPOINT = 'http://localhost:4318';

/**
 * `OTEL_EXPORTER_OTLP_…`, and `OTEL_EXPORTER_OTLP_LOGS_…` before it:
 * https://opentelemetry.io/docs/specs/otel/protocol/exporter/
 */
export function readOtlpEnvironment(env: Environment = process.env): OtlpEnvironment {
  return {
    url: endpoint(env),
    headers: headers(env),
    protocol: protocol(env),
    gzip:
      (choiceFromEnvironment('OTEL_EXPORTER_OTLP_LOGS_COMPRESSION', COMPRESSIONS, env) ??
        choiceFromEnvironment('OTEL_EXPORTER_OTLP_COMPRESSION', COMPRESSIONS, env)) === 'gzip',
    timeoutMs:
      countFromEnvironment('OTEL_EXPORTER_OTLP_LOGS_TIMEOUT', env) ??
      countFromEnvironment('OTEL_EXPORTER_OTLP_TIMEOUT', env) ??
      10_000,
  };
}

const COMPRESSIONS = ['gzip', 'none'] as const;

function endpoint(env: Environment): string {
  const own = fromEnvironment('OTEL_EXPORTER_OTLP_LOGS_ENDPOINT', env);
  if (own !== undefined) return own;
  const shared = fromEnvironment('OTEL_EXPORTER_OTLP_ENDPOINT', env) ?? DEFAULT_ENDPOINT;
  return `${shared.replace(/\/+$/, '')}/v1/logs`;
}

function protocol(env: Environment): OtlpProtocol {
  const name = ['OTEL_EXPORTER_OTLP_LOGS_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL'].find(
    (each) => fromEnvironment(each, env) !== undefined,
  );
  if (name === undefined) return 'http/protobuf';
  const value = fromEnvironment(name, env)?.toLowerCase();
  const known = OTLP_PROTOCOLS.find((each) => each === value);
  if (known === undefined)
    warnOnce(
      `${name} is '${value}', which OTLPLogSink does not speak; it sends http/protobuf. ` +
        'Point OTEL_EXPORTER_OTLP_LOGS_ENDPOINT at an OTLP/HTTP address (usually port 4318).',
    );
  return known ?? 'http/protobuf';
}

/** The shared headers, and over them those of logs: `api-key=abc,tenant=x%20y`. */
function headers(env: Environment): Record<string, string> {
  const all = new Map<string, string>();
  for (const variable of ['OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_EXPORTER_OTLP_LOGS_HEADERS']) {
    for (const [name, value] of entries(variable, fromEnvironment(variable, env) ?? '')) all.set(name, value);
  }
  return Object.fromEntries(all);
}

/** Header names know no case. An entry that cannot be read is left out, and its place said: it may hold a key. */
function entries(variable: string, list: string): [string, string][] {
  return list
    .split(',')
    .filter((entry) => entry.trim() !== '')
    .flatMap((entry, index): [string, string][] => {
      const [name = '', ...value] = entry.split('=');
      if (name.trim() !== '' && value.length > 0)
        return [[name.trim().toLowerCase(), decodePercent(value.join('=').trim())]];
      warnOnce(`entry ${index + 1} of ${variable} is not of the form name=value; it is left out.`);
      return [];
    });
}
