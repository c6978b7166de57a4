import type { PriceList } from '../pricing/price.ts';
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
    cost: costOfCall(call, options.prices),
    ...known({
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
