import { createNoopMeter, type MeterProvider, metrics } from '@opentelemetry/api';
import { diag } from '../attribution/diag.ts';
import { PACKAGE_VERSION } from '../version.ts';
import type { CostEvent } from './cost-event.ts';
import { type CostMetrics, type CostMetricsOptions, createCostMetrics } from './metrics.ts';
import type { SinkHealth } from './sink.ts';

/**
 * Cost metrics on the application's meter provider, whenever that comes: a processor is constructed before the
 * SDK that registers one. Nothing it does throws.
 *
 * @throws {ConfigError} from the constructor, for a wrong option.
 */
export class GlobalCostMetrics {
  readonly #options: CostMetricsOptions;
  readonly #health: () => readonly SinkHealth[];
  #provider: MeterProvider | undefined;
  #metrics: CostMetrics;
  #stopObserving: (() => void) | undefined;

  constructor(options: CostMetricsOptions, health: () => readonly SinkHealth[]) {
    this.#options = options;
    this.#health = health;
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
    this.#stopObserving = this.#metrics.observeHealth(this.#health);
  }
}
