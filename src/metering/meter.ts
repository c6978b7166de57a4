import type { Charge, Cost, PriceList } from '../pricing/price.ts';
import type { SettledCall } from '../providers/call.ts';
import { costOfCall, priceInputsOf } from '../providers/cost-of-call.ts';
import { known } from '../usage/read.ts';
import { type CostEvent, createCostEvent } from './cost-event.ts';

/** What a meter needs beside the call itself. */
export interface MeterOptions {
  /** Asked in order; the first that knows the model prices the call. */
  readonly prices: readonly PriceList[];
  /** `service.name` of this process. */
  readonly service?: string;
}

/** One finished call → one cost event. Pure: the same call and prices give the same event. */
export function meterCall(call: SettledCall, options: MeterOptions): CostEvent {
  const { reading, attribution } = call;
  const cost = costOfCall(call, options.prices);
  return createCostEvent({
    id: call.id,
    kind: 'usage',
    timestamp: call.startTime,
    customer: attribution.customer ?? null,
    context: attribution.context,
    provider: call.provider,
    operation: call.operation,
    stream: call.request.stream === true,
    status: call.status,
    retries: call.retries,
    usage: call.usage,
    usageSource: call.usageSource,
    cost,
    ...known({
      charge: chargeOfCall(call, cost, options.prices),
      priceInputs: priceInputsOf(call),
      attributionSource: attribution.source,
      callSite: attribution.source === undefined ? call.callSite?.() : undefined,
      durationMs: call.durationMs,
      timeToFirstTokenMs: call.timeToFirstTokenMs,
      requestModel: call.request.model,
      responseModel: reading.responseModel,
      responseId: reading.responseId,
      requestId: call.requestId,
      batchId: call.batchId,
      serviceTier: reading.serviceTier,
      serverAddress: call.serverAddress,
      errorType: call.errorType,
      finishReasons: reading.finishReasons,
      usageRaw: reading.usageRaw,
      traceId: call.traceId,
      spanId: call.spanId,
      service: options.service,
    }),
  });
}

/** What the customer pays by the first rate card that fits; a call that failed and consumed nothing is not charged. */
function chargeOfCall(call: SettledCall, cost: Cost, prices: readonly PriceList[]): Charge | undefined {
  if (call.usageSource === 'none') return undefined;
  const subject = {
    cost,
    usage: call.usage,
    at: call.startTime,
    customer: call.attribution.customer ?? null,
    context: call.attribution.context,
    provider: call.provider,
    ...known({ model: call.reading.responseModel ?? call.request.model, quantities: call.quantities }),
  };
  for (const list of prices) {
    const charge = list.charge?.(subject);
    if (charge !== undefined) return charge;
  }
  return undefined;
}
