import type { AttributionContext, AttributionSource } from '../attribution/attribution.ts';
import type { PriceInputs, PriceQuery } from '../pricing/price.ts';
import { type JsonObject, known } from '../base/read.ts';
import type { Usage } from '../usage/usage.ts';
import { type CallStatus, type SettledCall, usageOf, usageSourceOf } from './call.ts';

/**
 * What is kept of a call: the fields of its event, without the cost. Times are UTC; durations are milliseconds;
 * absent = unknown. The cost is worked out from these facts alone, so that an event can be priced again.
 */
export interface CallFacts {
  /** UUIDv7, minted once per call: the idempotency key everywhere. */
  readonly id: string;
  /** Start of the call, wall clock. */
  readonly timestamp: Date;
  readonly durationMs?: number;
  readonly timeToFirstTokenMs?: number;
  /** `null`: nobody is billed; `attributionSource` tells "explicitly nobody" from "nobody said". */
  readonly customer: string | null;
  /** Absent when nobody said who the customer is. */
  readonly attributionSource?: AttributionSource;
  readonly context: AttributionContext;
  /** Where the unattributed call was made, when that is cheap to know: `handler (file:line)`. */
  readonly callSite?: string;
  readonly provider: string;
  readonly operation: string;
  readonly requestModel?: string;
  readonly responseModel?: string;
  readonly responseId?: string;
  readonly requestId?: string;
  readonly batchId?: string;
  readonly serviceTier?: string;
  readonly serverAddress?: string;
  readonly stream: boolean;
  readonly status: CallStatus;
  readonly errorType?: string;
  readonly finishReasons?: readonly string[];
  readonly retries: number;
  readonly usage: Usage;
  /** The provider's final usage block, as on the wire; for a service, the quantities that were recorded. */
  readonly usageRaw?: JsonObject;
  readonly usageSource: 'provider' | 'estimated' | 'none';
  /** What beside model, tier and usage decided the price. */
  readonly priceInputs?: PriceInputs;
  readonly traceId?: string;
  readonly spanId?: string;
}

export function factsOf(call: SettledCall): CallFacts {
  const { reading, attribution, consumed } = call;
  return known({
    id: call.id,
    timestamp: call.startTime,
    durationMs: call.durationMs,
    timeToFirstTokenMs: call.timeToFirstTokenMs,
    customer: attribution.customer ?? null,
    attributionSource: attribution.source,
    context: attribution.context,
    callSite: attribution.source === undefined ? call.callSite?.() : undefined,
    provider: call.provider,
    operation: call.operation,
    requestModel: call.request.model,
    responseModel: reading.responseModel,
    responseId: reading.responseId,
    requestId: call.requestId,
    batchId: call.batchId,
    serviceTier: reading.serviceTier,
    serverAddress: call.serverAddress,
    stream: call.request.stream === true,
    status: call.status,
    errorType: call.errorType,
    finishReasons: reading.finishReasons,
    retries: call.retries,
    usage: usageOf(call),
    usageRaw: consumed.kind === 'service' ? { ...consumed.quantities } : reading.usageRaw,
    usageSource: usageSourceOf(call),
    priceInputs: priceInputsOf(call),
    traceId: call.traceId,
    spanId: call.spanId,
  });
}

/** What the event keeps of a call so that it can be priced again; undefined when there is nothing to keep. */
function priceInputsOf({ reading, request, batchId, region }: SettledCall): PriceInputs | undefined {
  const inputs = known({
    batch: batchId === undefined ? undefined : true,
    speed: reading.speed,
    inferenceGeo: reading.inferenceGeo,
    region,
    parameters: mergeParameters(request.parameters, reading.parameters),
  });
  return Object.keys(inputs).length === 0 ? undefined : inputs;
}

type Parameters = PriceQuery['parameters'];

function mergeParameters(asked: Parameters, served: Parameters): Parameters {
  return asked === undefined ? served : { ...asked, ...served };
}
