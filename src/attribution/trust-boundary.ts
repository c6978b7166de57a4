import type { Context, TextMapGetter, TextMapPropagator, TextMapSetter } from '@opentelemetry/api';
import { diag } from './diag.ts';
import { isProviderCall, withoutBaggageEntries } from './attribution-of.ts';
import { clientDestination } from './client-destination.ts';
import { isProviderHost } from './hosts.ts';
import { markInbound } from './inbound.ts';
import { type AttributionNames, processSlot } from './process-slot.ts';

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
const GUARDED = Symbol.for('costspan.trust-boundary');

/** Where every copy of `@opentelemetry/api` 1.x keeps what was registered. */
interface GlobalApi {
  propagation?: TextMapPropagator;
  readonly [GUARDED]?: boolean;
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
  if (current !== undefined && !isGuarded(current)) api.propagation = new Boundary(current);
  if (api[GUARDED] === true) return;
  const prototype = Object.create(Object.getPrototypeOf(api) as object | null, {
    [GUARDED]: { value: true },
    propagation: {
      get: () => undefined,
      set(this: GlobalApi, propagator: TextMapPropagator) {
        const value = isGuarded(propagator) ? propagator : new Boundary(propagator);
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

function isGuarded(propagator: object): boolean {
  return GUARDED in propagator;
}

/** Passes everything through, errors included, but for attribution entries. */
class Boundary implements TextMapPropagator {
  readonly [GUARDED] = true;
  readonly #delegate: TextMapPropagator;

  constructor(delegate: TextMapPropagator) {
    this.#delegate = delegate;
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
  const { names, outbound } = processSlot();
  if (isOurs(names) || outbound !== undefined || isProviderCall(context)) return true;
  const destination = clientDestination(context);
  return destination !== undefined && isProviderHost(destination.host);
}

function isOurs({ customer, contextPrefix }: AttributionNames): boolean {
  return customer.startsWith('costspan.') && contextPrefix.startsWith('costspan.');
}
