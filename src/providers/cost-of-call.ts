import { freeCost, unpricedCost } from '../pricing/cost.ts';
import { calculateCost } from '../pricing/default-price-list.ts';
import { calculateServiceCost } from '../pricing/service-price.ts';
import type { Cost, PriceInputs, PriceList, PriceQuery } from '../pricing/price.ts';
import { known } from '../usage/read.ts';
import type { SettledCall } from './call.ts';

/** What a finished call costs: free when it consumed nothing, unpriced when nobody can say what it consumed. */
export function costOfCall(call: SettledCall, prices: readonly PriceList[]): Cost {
  const { reading, request, quantities } = call;
  if (quantities !== undefined)
    return calculateServiceCost(call.provider, quantities, call.startTime, prices);
  if (call.usageSource === 'none') {
    return call.consumedNothing
      ? freeCost(`nothing was consumed: ${call.errorType ?? call.status}`)
      : unpricedCost('the reply did not say what was consumed');
  }
  const query: PriceQuery = {
    provider: call.provider,
    at: call.startTime,
    ...known({
      operation: call.operation,
      requestModel: request.model,
      responseModel: reading.responseModel,
      serviceTier: reading.serviceTier,
      serverAddress: call.serverAddress,
      reported: call.usageSource === 'provider' ? reading.reported : undefined,
      freeReason: reading.freeReason,
    }),
    ...priceInputsOf(call),
  };
  return calculateCost(call.usage, query, prices);
}

/** What the event keeps of a call so that it can be priced again; undefined when there is nothing to keep. */
export function priceInputsOf({ reading, request, batchId, region }: SettledCall): PriceInputs | undefined {
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
