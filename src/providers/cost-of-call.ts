import { freeCost, unpricedCost } from '../pricing/cost.ts';
import { calculateCost } from '../pricing/default-price-list.ts';
import type { Cost, PriceList, PriceQuery } from '../pricing/price.ts';
import { known } from '../usage/read.ts';
import type { SettledCall } from './call.ts';

/** What a finished call costs: free when it consumed nothing, unpriced when nobody can say what it consumed. */
export function costOfCall(call: SettledCall, prices: readonly PriceList[]): Cost {
  const { reading, request } = call;
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
      batch: call.batchId === undefined ? undefined : true,
      speed: reading.speed,
      inferenceGeo: reading.inferenceGeo,
      serverAddress: call.serverAddress,
      parameters: mergeParameters(request.parameters, reading.parameters),
      reported: call.usageSource === 'provider' ? reading.reported : undefined,
      freeReason: reading.freeReason,
    }),
  };
  return calculateCost(call.usage, query, prices);
}

type Parameters = PriceQuery['parameters'];

function mergeParameters(asked: Parameters, served: Parameters): Parameters {
  return asked === undefined ? served : { ...asked, ...served };
}
