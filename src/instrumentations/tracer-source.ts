import { trace, type Tracer, type TracerProvider } from '@opentelemetry/api';

/**
 * Where an instrumentation's tracer comes from: the provider it was given, else the process's. The base class asks
 * for its tracer once, in its constructor; one that `require`s the OpenTelemetry API gets a copy there that never
 * hears of a provider registered by way of `import`. So it is asked for here, again whenever the provider changes.
 */
export class TracerSource {
  readonly #name: string;
  readonly #version: string;
  /** What `setTracerProvider` was given. */
  given: TracerProvider | undefined;
  #provider: TracerProvider | undefined;
  #tracer: Tracer | undefined;

  constructor(name: string, version: string) {
    this.#name = name;
    this.#version = version;
  }

  tracer(): Tracer {
    const provider = this.given ?? trace.getTracerProvider();
    if (this.#tracer === undefined || provider !== this.#provider) {
      this.#provider = provider;
      this.#tracer = provider.getTracer(this.#name, this.#version);
    }
    return this.#tracer;
  }
}
