import type { Context, TextMapGetter, TextMapPropagator, TextMapSetter } from '@opentelemetry/api';
import { diag } from '../../base/diag.ts';
import { shared } from '../../base/process.ts';
import { isProviderCall, withoutBaggageEntries } from '../who-pays.ts';
import { clientDestination } from './client-destination.ts';
import { isProviderHost } from '../../providers/registry.ts';
import { markInbound } from './inbound.ts';
import { outboundRule } from './outbound-rule.ts';
import { type AttributionNames, attributionNames } from '../names.ts';

/**
 * Stands around whichever propagator is registered globally, now or later: what its `extract` brings in from the
 * network is marked as inbound, and what its `inject` sends carries no attribution entry. Cheap and idempotent; call
 * it whenever there is an opportunity.
 *
 * The API offers no hook for "a propagator was registered", so the place where the API keeps it is watched.
 */
export function ensureTrustBoundary(): void {
  try {
    const holder = globalThis as { [API]?: GlobalApi };
    const api = holder[API];
    if (api === undefined) awaitApi(holder);
    else guardApi(api);
  } catch (error) {
    diag.error(
      'costspan: the OpenTelemetry API object is sealed; inbound baggage cannot be told apart.',
      error,
    );
  }
}

const API = Symbol.for('opentelemetry.js.api.1');

/** The API objects and propagators that the boundary stands around. */
function guarded(): WeakSet<object> {
  return shared('attribution boundary', () => new WeakSet());
}

/** Where every copy of `@opentelemetry/api` 1.x keeps what was registered. */
interface GlobalApi {
  propagation?: TextMapPropagator;
}

/**
 * Nothing is registered yet. The first registration makes the object, with its own API's version in it; we wait for
 * that instead of making one, because a version that is not the application's would turn its registrations away.
 */
function awaitApi(holder: object): void {
  if (Object.getOwnPropertyDescriptor(holder, API)?.set !== undefined) return;
  Object.defineProperty(holder, API, {
    configurable: true,
    enumerable: true,
    get: () => undefined,
    set(api: GlobalApi) {
      Object.defineProperty(holder, API, {
        configurable: true,
        enumerable: true,
        writable: true,
        value: api,
      });
      if (typeof api === 'object' && api !== null) guardApi(api);
    },
  });
}

/**
 * The setter sits on the prototype: it hears a registration only while there is none, and the stored value is an
 * ordinary own property, which `propagation.disable()` can delete.
 */
function guardApi(api: GlobalApi): void {
  const current = Object.getOwnPropertyDescriptor(api, 'propagation')?.value as TextMapPropagator | undefined;
  if (current !== undefined && !guarded().has(current)) api.propagation = new Boundary(current);
  if (guarded().has(api)) return;
  guarded().add(api);
  const prototype = Object.create(Object.getPrototypeOf(api) as object | null, {
    propagation: {
      get: () => undefined,
      set(this: GlobalApi, propagator: TextMapPropagator) {
        const value = guarded().has(propagator) ? propagator : new Boundary(propagator);
        Object.defineProperty(this, 'propagation', {
          configurable: true,
          enumerable: true,
          writable: true,
          value,
        });
      },
    },
  }) as object;
  Object.setPrototypeOf(api, prototype);
}

/** Passes everything through, errors included, but for attribution entries. */
class Boundary implements TextMapPropagator {
  readonly #delegate: TextMapPropagator;

  constructor(delegate: TextMapPropagator) {
    this.#delegate = delegate;
    guarded().add(this);
  }

  inject<Carrier>(context: Context, carrier: Carrier, setter: TextMapSetter<Carrier>): void {
    this.#delegate.inject(keepsBack(context) ? withoutBaggageEntries(context) : context, carrier, setter);
  }

  extract<Carrier>(context: Context, carrier: Carrier, getter: TextMapGetter<Carrier>): Context {
    return markInbound(context, this.#delegate.extract(context, carrier, getter));
  }

  fields(): string[] {
    return this.#delegate.fields();
  }
}

/**
 * Entries under our own names are taken out of everything that leaves; a `CostBaggagePropagator` writes what may go.
 * An organisation's own name (`customer.id`) is its baggage: without such a propagator it travels as it did before
 * us, except to a provider.
 */
function keepsBack(context: Context): boolean {
  if (isOurs(attributionNames()) || outboundRule() !== undefined || isProviderCall(context)) return true;
  const destination = clientDestination(context);
  return destination !== undefined && isProviderHost(destination.host, destination.port);
}

function isOurs({ customer, contextPrefix }: AttributionNames): boolean {
  return customer.startsWith('costspan.') && contextPrefix.startsWith('costspan.');
}
