import { ConfigError, describe } from '../base/errors.ts';
import { object } from '../base/read.ts';
import { costspanInstrumentations } from '../instrumentations/all.ts';
import type { CostSpanProcessorConfig } from './config.ts';
import { CostSpanProcessor } from './cost-span-processor.ts';
import { stopOnSignals } from './end-of-process.ts';

/** What is switched on and off with the rest: any OpenTelemetry instrumentation. */
export interface StartedInstrumentation {
  enable(): void;
  disable(): void;
}

/** Options of `startCostspan`: those of `CostSpanProcessor`, and the instrumentations. */
export interface StartCostspanOptions extends CostSpanProcessorConfig {
  /** Default: all of this package, `costspanInstrumentations()`. */
  readonly instrumentations?: readonly StartedInstrumentation[];
}

/** What `startCostspan` started. */
export interface StartedCostspan {
  readonly processor: CostSpanProcessor;
  /** Switches the instrumentations off, delivers what is left and shuts the sinks down. */
  shutdown(): Promise<void>;
}

/**
 * The shortest set-up: costs are recorded from here on, with or without an OpenTelemetry SDK, and beside whichever one
 * runs (Sentry, dd-trace, New Relic, Elastic, `@vercel/otel`, OpenTelemetry's zero-code start). It registers nothing
 * globally. Load it before the SDKs it is to see: `node --import ./telemetry.js app.js`.
 *
 * Events are flushed when the process runs out of work, and on SIGTERM and SIGINT.
 *
 * @throws {ConfigError} for an option it cannot use.
 * @example
 * import { startCostspan } from 'costspan';
 * import { SqliteLedger } from 'costspan/sqlite';
 * startCostspan({ sinks: [new SqliteLedger({ path: 'costs.db' })] });
 */
export function startCostspan({ instrumentations, ...config }: StartCostspanOptions = {}): StartedCostspan {
  checkInstrumentations(instrumentations);
  const processor = new CostSpanProcessor(config);
  const started = instrumentations ?? costspanInstrumentations();
  for (const each of started) each.enable();
  let stopped: Promise<void> | undefined;
  const shutdown = (): Promise<void> => {
    leave();
    for (const each of started) each.disable();
    return (stopped ??= processor.shutdown());
  };
  const leave = stopOnSignals(shutdown);
  return { processor, shutdown };
}

function checkInstrumentations(given: unknown): void {
  if (given === undefined) return;
  const isOne = (each: unknown): boolean =>
    typeof object(each)?.enable === 'function' && typeof object(each)?.disable === 'function';
  if (Array.isArray(given) && given.every(isOne)) return;
  throw new ConfigError(
    `startCostspan: expected 'instrumentations' to be a list of OpenTelemetry instrumentations, got ${describe(given)}. ` +
      'Example: instrumentations: [new OpenAIInstrumentation()].',
  );
}
