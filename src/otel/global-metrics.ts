import { createNoopMeter, type MeterProvider, metrics } from '@opentelemetry/api';
import { diag } from '../base/diag.ts';
import { fromEnvironment } from '../base/environment.ts';
import { PACKAGE_VERSION } from '../version.ts';
import type { CostEvent } from '../metering/cost-event.ts';
import {
  type CostMetrics,
  type CostMetricsOptions,
  createCostMetrics,
  type ObservedState,
} from './metrics.ts';

/**
 * Cost metrics on the application's meter provider, whenever that comes: a processor is constructed before the
 * SDK that registers one. Nothing it does throws.
 *
 * @throws {ConfigError} from the constructor, for a wrong option.
 */
export class GlobalCostMetrics {
  readonly #options: CostMetricsOptions;
  readonly #state: ObservedState;
  #provider: MeterProvider | undefined;
  #metrics: CostMetrics;
  #stopObserving: (() => void) | undefined;

  constructor(options: CostMetricsOptions, state: ObservedState) {
    this.#options = options;
    this.#state = state;
    this.#metrics = createCostMetrics(createNoopMeter(), options);
  }

  record(event: CostEvent): void {
    try {
      this.#follow(metrics.getMeterProvider());
      this.#metrics.record(event);
    } catch (error) {
      diag.error('costspan: an event could not be counted in the metrics; it is kept all the same', error);
    }
  }

  stop(): void {
    this.#stopObserving?.();
    this.#stopObserving = undefined;
  }

  #follow(provider: MeterProvider): void {
    if (provider === this.#provider) return;
    this.#provider = provider;
    this.stop();
    this.#metrics = createCostMetrics(provider.getMeter('costspan', PACKAGE_VERSION), this.#options);
    this.#stopObserving = this.#metrics.observe(this.#state);
  }
}

/** By the processor's option; undefined where nothing is to be counted. */
export function globalMetrics(
  options: CostMetricsOptions | false | undefined,
  state: ObservedState,
): GlobalCostMetrics | undefined {
  const chosen = options ?? (exportsMetrics() ? {} : false);
  return chosen === false ? undefined : new GlobalCostMetrics(chosen, state);
}

/**
 * A NodeSDK that was told nothing exports metrics to localhost: with nobody there, the first one recorded would make
 * its shutdown last eight seconds (sdk-node 0.301).
 */
function exportsMetrics(): boolean {
  const exporter = fromEnvironment('OTEL_METRICS_EXPORTER');
  if (exporter !== undefined) return exporter !== 'none';
  return ENDPOINTS.some((name) => fromEnvironment(name) !== undefined);
}

const ENDPOINTS = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT'];
