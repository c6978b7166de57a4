import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { callerContext } from '../attribution/caller-context.ts';
import { isProviderCall, attributionOf } from '../attribution/who-pays.ts';
import { type Destination, parseDestination } from '../attribution/baggage/destination.ts';
import { sayKept } from '../base/diag.ts';
import { object, text } from '../base/read.ts';
import { warnOnce } from '../base/warn-once.ts';
import { providerAt } from '../providers/registry.ts';
import { matchEndpoint } from '../wire/endpoint.ts';
import { wiresOf } from '../wire/wires.ts';

/** Requests that went to a model provider, and that nothing here has seen as a call. */
export interface UnobservedRequests {
  /** `api.openai.com` */
  readonly host: string;
  readonly requests: number;
}

/** What another instrumentation saw of the call is known when its span ends; a call takes seconds. */
const PATIENCE_MS = 5000;

/**
 * Watches the requests of this process for billable ones that left for a known provider outside of every call that an
 * instrumentation opened: the SDK was loaded too early, sits inside a bundle, or is not covered. Says so once per host,
 * with the fix.
 */
export class RequestWatch {
  readonly #heardFrom: (provider: string) => number;
  readonly #unobserved = new Map<string, number>();
  readonly #waiting = new Set<() => void>();

  /** `heardFrom`: events recorded so far of a provider, from any source. */
  constructor(heardFrom: (provider: string) => number) {
    this.#heardFrom = heardFrom;
    subscribe('undici:request:create', this.#onUndici);
    subscribe('http.client.request.created', this.#onHttp);
    process.on('exit', this.#onExit);
  }

  stop(): void {
    unsubscribe('undici:request:create', this.#onUndici);
    unsubscribe('http.client.request.created', this.#onHttp);
    process.removeListener('exit', this.#onExit);
    for (const decide of this.#waiting) decide();
  }

  unobserved(): readonly UnobservedRequests[] {
    return [...this.#unobserved].map(([host, requests]) => ({ host, requests }));
  }

  readonly #onUndici = (message: unknown): void => {
    const request = object(object(message)?.request);
    this.#look(request?.method, request?.path, () => parseDestination(String(request?.origin)));
  };

  readonly #onHttp = (message: unknown): void => {
    const request = object(object(message)?.request);
    this.#look(request?.method, request?.path, () => parseDestination(String(request?.host)));
  };

  /** A process that ends sooner still says what it has to say. */
  readonly #onExit = (): void => {
    for (const decide of this.#waiting) decide();
    sayKept();
  };

  /** Runs inside the application's request. */
  #look(method: unknown, path: unknown, destination: () => Destination | undefined): void {
    try {
      if (method !== 'POST') return;
      const ctx = callerContext();
      if (isProviderCall(ctx)) return;
      const { host = '', port } = destination() ?? {};
      const provider = providerAt(host, port)?.name;
      if (provider === undefined || !isBillable(provider, text(path) ?? '')) return;
      if (attributionOf(ctx).tracked) this.#wait(host, provider, text(path) ?? '');
    } catch {
      // Looking is all that is lost.
    }
  }

  #wait(host: string, provider: string, path: string): void {
    const heard = this.#heardFrom(provider);
    const decide = (): void => {
      clearTimeout(timer);
      this.#waiting.delete(decide);
      if (this.#heardFrom(provider) > heard) return;
      this.#unobserved.set(host, (this.#unobserved.get(host) ?? 0) + 1);
      warnOnce(
        `a call to ${host} (${path.replace(/[?#].*$/, '')}) was not observed, so its cost is not recorded. ` +
          'Load the telemetry before the SDK (node --import ./telemetry.js app.js). Where that is not possible ' +
          '(bundles, Next.js, test runners), pass the client class to manuallyInstrument. For an SDK without an ' +
          'instrumentation of its own, add new ProviderFetchInstrumentation(). `costspan doctor` tells which it is.',
      );
    };
    const timer = setTimeout(decide, PATIENCE_MS);
    timer.unref();
    this.#waiting.add(decide);
  }
}

/** A call that costs, by the provider's own table; files, batches and models do not. */
function isBillable(provider: string, path: string): boolean {
  return wiresOf(provider).some((wire) => {
    const endpoint = matchEndpoint(wire.endpoints, 'POST', path);
    return endpoint !== undefined && endpoint.free !== true;
  });
}
