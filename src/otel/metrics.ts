import type { Attributes, Meter } from '@opentelemetry/api';
import { ConfigError, describe } from '../base/errors.ts';
import { checkOptions } from '../base/options.ts';
import { ATTRIBUTES } from '../usage/attributes.ts';
import { HEADLINE_QUANTITIES, type Modality, partsOf, type QuantityName } from '../usage/quantities.ts';
import type { Usage } from '../usage/usage.ts';
import type { BudgetState } from '../budgets/budget.ts';
import type { CostEvent } from '../metering/cost-event.ts';
import { observeBudgets, observeDelivery } from './health-gauges.ts';
import { BoundedValues, CustomerValues } from './metric-values.ts';
import type { SinkHealth } from '../delivery/sink.ts';

/** Which customers get a time series of their own; all others are `other`. Default: none has one. */
export interface CostMetricsOptions {
  readonly customers?: { readonly allow: readonly string[] } | { readonly top: number };
}

/** Counts cost events as OpenTelemetry metrics. Metrics are floats for dashboards; money comes from the ledger. */
export interface CostMetrics {
  record(event: CostEvent): void;
  /** Shows how delivery and budgets are doing at each collection; returns the way to stop. */
  observe(state: ObservedState): () => void;
}

/** What is asked at each collection. */
export interface ObservedState {
  readonly sinks: () => readonly SinkHealth[];
  /** Of the scopes that calls fell into lately; there may be more than anyone wants to read. */
  readonly budgets: () => Promise<readonly BudgetState[]>;
}

/** Distinct values per attribute; what comes later is `other`, so that no model name a user types adds a series. */
const MAX_VALUES = 100;
/** Seconds, as the conventions advise for `gen_ai.client.inference.duration`. */
const DURATION_BUCKETS = [
  0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
];

const CONVENTIONAL = 'gen_ai.usage.';

/** What counts which tokens, and by which kind of token the total is broken down. */
const TOKEN_COUNTERS: readonly {
  readonly name: string;
  readonly total: QuantityName;
  readonly parts: readonly (readonly [Modality, QuantityName])[];
}[] = HEADLINE_QUANTITIES.filter(({ attribute }) => attribute.startsWith(CONVENTIONAL)).map(
  ({ name, attribute }) => ({
    name: attribute.slice(CONVENTIONAL.length),
    total: name,
    parts: partsOf(name).flatMap((part) =>
      part.modality === undefined ? [] : [[part.modality, part.name] as const],
    ),
  }),
);

/**
 * The instruments, under the newest GenAI conventions where they have a name
 * (https://github.com/open-telemetry/semantic-conventions-genai, 2026-10: `gen_ai.client.inference.*`) and
 * `costspan.*` elsewhere. Corrections are left to the ledger: a counter only goes up.
 *
 * @throws {ConfigError} for a wrong option.
 */
export function createCostMetrics(meter: Meter, options: CostMetricsOptions = {}): CostMetrics {
  const customers = customerValues(options);
  const models = new BoundedValues(MAX_VALUES);
  const features = new BoundedValues(MAX_VALUES);
  const cost = meter.createCounter('costspan.cost', {
    description: 'Cost of model calls, in the currency of the attribute',
  });
  const events = meter.createCounter('costspan.events', {
    description: 'Cost events, by status of their cost',
  });
  const unpriced = meter.createCounter('costspan.events.unpriced', {
    description: 'Events whose price is not known: their cost is missing from costspan.cost',
  });
  const unattributed = meter.createCounter('costspan.events.unattributed', {
    description: 'Events nobody was named for',
  });
  const estimated = meter.createCounter('costspan.events.estimated', {
    description: 'Events whose quantities are an estimate',
  });
  const duration = meter.createHistogram('gen_ai.client.inference.duration', {
    unit: 's',
    description: 'Duration of model calls',
    advice: { explicitBucketBoundaries: DURATION_BUCKETS },
  });
  const tokens = TOKEN_COUNTERS.map(({ name, ...rest }) => ({
    ...rest,
    counter: meter.createCounter(`gen_ai.client.inference.usage.${name}`, { unit: '{token}' }),
  }));

  function attributesOf(event: CostEvent): Attributes {
    const feature = event.context.feature;
    const requestModel = models.of(event.requestModel);
    const responseModel = models.of(event.responseModel ?? event.requestModel);
    return {
      [ATTRIBUTES.providerName]: event.provider,
      [ATTRIBUTES.operationName]: event.operation,
      ...(requestModel === undefined ? {} : { [ATTRIBUTES.requestModel]: requestModel }),
      ...(responseModel === undefined ? {} : { [ATTRIBUTES.responseModel]: responseModel }),
      ...(typeof feature === 'string'
        ? { [`${ATTRIBUTES.contextPrefix}feature`]: features.of(feature) }
        : {}),
      ...customers?.attributes(event),
    };
  }

  return {
    record(event) {
      if (event.kind !== 'usage') return;
      const attributes = attributesOf(event);
      const { status, amount, currency } = event.cost;
      events.add(1, { ...attributes, [ATTRIBUTES.costStatus]: status });
      if (status === 'unpriced') unpriced.add(1, attributes);
      if (event.customer === null && event.attributionSource === undefined) unattributed.add(1, attributes);
      if (event.usageSource === 'estimated') estimated.add(1, attributes);
      if (amount !== undefined && Number(amount) > 0)
        cost.add(Number(amount), { ...attributes, [ATTRIBUTES.costIn]: currency ?? 'USD' });
      if (event.durationMs !== undefined) {
        const error = event.errorType === undefined ? {} : { [ATTRIBUTES.errorType]: event.errorType };
        duration.record(event.durationMs / 1000, { ...attributes, ...error });
      }
      for (const { counter, total, parts } of tokens) {
        for (const [modality, quantity] of byModality(event.usage, total, parts))
          counter.add(quantity, { ...attributes, 'gen_ai.token.modality': modality });
      }
    },
    observe({ sinks, budgets }) {
      const stops = [
        observeDelivery(meter, sinks),
        observeBudgets(meter, budgets, (customer) => customers?.of(customer) ?? {}),
      ];
      return () => {
        for (const stop of stops) stop();
      };
    },
  };
}

/** The total in its parts; what the provider did not break down is `unknown`. */
function byModality(
  usage: Usage,
  total: QuantityName,
  parts: readonly (readonly [Modality, QuantityName])[],
): [string, number][] {
  let rest = usage[total] ?? 0;
  const shares: [string, number][] = [];
  for (const [modality, name] of parts) {
    const quantity = usage[name] ?? 0;
    if (quantity > 0) shares.push([modality, quantity]);
    rest -= quantity;
  }
  if (rest > 0) shares.push(['unknown', rest]);
  return shares;
}

function customerValues(options: CostMetricsOptions): CustomerValues | undefined {
  checkOptions("The option 'metrics'", options, ['customers']);
  const { customers } = options;
  if (customers === undefined) return undefined;
  checkOptions("The option 'metrics.customers'", customers, ['allow', 'top']);
  if ('allow' in customers && Array.isArray(customers.allow)) return CustomerValues.allow(customers.allow);
  if ('top' in customers && Number.isInteger(customers.top) && customers.top > 0)
    return CustomerValues.top(customers.top);
  throw new ConfigError(
    `The option 'metrics.customers': expected { allow: ['acme'] } or { top: 50 }, got ${describe(customers)}.`,
  );
}
