import type { TracerProvider } from '@opentelemetry/api';
import { InstrumentationBase, type InstrumentationConfig } from '@opentelemetry/instrumentation';
import { ensureTrustBoundary } from '../../attribution/baggage/trust-boundary.ts';
import { isSdkDisabled } from '../../base/environment.ts';
import { NO_OVERRIDES } from '../../providers/host.ts';
import { PACKAGE_VERSION } from '../../version.ts';
import { followAiSdk } from '../http/ai-sdk-telemetry.ts';
import { type FetchNet, meteredFetch } from '../http/metered-fetch.ts';
import { loadTokenizer } from '../tokenizer.ts';
import { TracerSource } from '../tracer-source.ts';
import { checkFetchOptions, type MeterFetchOptions } from './meter-fetch.ts';
import { sightCaught } from './sight-caught.ts';

export interface ProviderFetchInstrumentationConfig extends InstrumentationConfig, MeterFetchOptions {}

/**
 * The net beneath every SDK: meters each call that leaves through `globalThis.fetch` to a host of the provider table,
 * whichever SDK or framework made it (Vercel AI SDK, Mistral, Cohere, Groq, Ollama, plain `fetch`), unless an
 * instrumentation above has opened the call already. It also catches an SDK that was loaded too early, or bundled, and
 * says so.
 *
 * @example
 * new ProviderFetchInstrumentation({ providers: { 'llm.internal:8080': 'self_hosted' } });
 * @throws {ConfigError} for an option it does not know.
 */
export class ProviderFetchInstrumentation extends InstrumentationBase<ProviderFetchInstrumentationConfig> {
  constructor(config: ProviderFetchInstrumentationConfig = {}) {
    checkFetchOptions('new ProviderFetchInstrumentation', config);
    super('costspan/fetch', PACKAGE_VERSION, isSdkDisabled() ? { ...config, enabled: false } : config);
    if (isSdkDisabled()) return;
    loadTokenizer();
    ensureTrustBoundary();
  }

  /** Nothing is loaded: `fetch` is there already. */
  protected override init(): undefined {
    return undefined;
  }

  override enable(): void {
    if (isSdkDisabled()) return;
    super.enable();
    const state = this.state();
    state.enabled = true;
    state.unfollow ??= followAiSdk();
    // Whoever patched before stays below, and is called as before.
    if (globalThis.fetch === state.metered || typeof globalThis.fetch !== 'function') return;
    state.original = globalThis.fetch;
    state.metered = meteredFetch(globalThis.fetch, state.net);
    globalThis.fetch = state.metered;
  }

  override disable(): void {
    super.disable();
    const state = this.state();
    state.enabled = false;
    state.unfollow?.();
    delete state.unfollow;
    // Where somebody patched after us, ours stays in between and lets everything pass.
    if (state.original !== undefined && globalThis.fetch === state.metered) globalThis.fetch = state.original;
  }

  override setTracerProvider(provider: TracerProvider): void {
    super.setTracerProvider(provider);
    this.state().source.given = provider;
  }

  protected state(): State {
    let state = STATES.get(this);
    if (state === undefined) {
      const source = new TracerSource(this.instrumentationName, this.instrumentationVersion);
      const net: FetchNet = {
        tracer: () => source.tracer(),
        providers: () => this.getConfig().providers ?? NO_OVERRIDES,
        refusal: () => this.getConfig().refusal ?? 'reject',
        isEnabled: () => this.state().enabled,
        metered: sightCaught,
      };
      state = { net, source, enabled: false };
      STATES.set(this, state);
    }
    return state;
  }
}

interface State {
  readonly net: FetchNet;
  readonly source: TracerSource;
  enabled: boolean;
  original?: typeof fetch;
  metered?: typeof fetch;
  /** Stops listening to the AI SDK. */
  unfollow?: () => void;
}

/** Not a field: the base class calls `enable()` from its constructor, before there are any. */
const STATES = new WeakMap<object, State>();
