import { trace } from '@opentelemetry/api';
import { type Environment, fromEnvironment } from '../base/environment.ts';
import { list, object, text } from '../base/read.ts';

/**
 * `service.name` as the code says it, in a resource of the SDK; it goes before what the environment says. Undefined when
 * nobody named it; the SDK's `unknown_service` is no name.
 *
 * The tracer provider is asked, and not a span: a call whose span is sampled out has a service, too.
 */
export function serviceOfSdk(): string | undefined {
  const provider = trace.getTracerProvider() as { getDelegate?: () => object };
  const sdk = provider.getDelegate?.() ?? provider;
  let name = NAMES.get(sdk);
  if (name === undefined) {
    const { _resource: resource, resource: older } = sdk as { _resource?: unknown; resource?: unknown };
    name = named(nameIn(resource ?? older));
    if (name !== undefined) NAMES.set(sdk, name);
  }
  return name;
}

/** By provider: its resource is asked until it has a name. */
const NAMES = new WeakMap<object, string>();

/** What the environment says: `OTEL_SERVICE_NAME`, then `OTEL_RESOURCE_ATTRIBUTES`. */
export function serviceInEnvironment(env: Environment = process.env): string | undefined {
  const attributes = fromEnvironment('OTEL_RESOURCE_ATTRIBUTES', env);
  return fromEnvironment('OTEL_SERVICE_NAME', env) ?? named(inResourceAttributes(attributes));
}

/** `service.name=api,deployment.environment=prod`, percent-encoded. */
function inResourceAttributes(attributes = ''): string | undefined {
  for (const pair of attributes.split(',')) {
    const [key = '', ...value] = pair.split('=');
    if (key.trim() === 'service.name') return decoded(value.join('=').trim());
  }
  return undefined;
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function named(name: string | undefined): string | undefined {
  return name === undefined || name === '' || name.startsWith('unknown_service') ? undefined : name;
}

/** Read without waking the warning that other attributes of the resource are still being detected (SDK 2 and 3). */
function nameIn(resource: unknown): string | undefined {
  const { getRawAttributes } = (object(resource) ?? {}) as { getRawAttributes?: () => unknown };
  if (typeof getRawAttributes !== 'function')
    return text(object(object(resource)?.attributes)?.['service.name']);
  const pairs = list(getRawAttributes.call(resource));
  return text(list(pairs.find((pair) => list(pair)[0] === 'service.name'))[1]);
}
