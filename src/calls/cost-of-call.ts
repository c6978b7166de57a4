import { freeCost, unpricedCost } from '../pricing/cost.ts';
import { costOf } from '../pricing/cost-of.ts';
import { calculateServiceCost } from '../pricing/own/service-price.ts';
import type { Cost, PriceList, PriceQuery, ServiceQuantities } from '../pricing/price.ts';
import { type JsonObject, known } from '../base/read.ts';
import type { SettledCall } from './call.ts';
import { type CallFacts, factsOf } from './call-facts.ts';

/** What a finished call costs: free when it consumed nothing, unpriced when nobody can say what it consumed. */
export function costOfCall(
  call: SettledCall,
  prices: readonly PriceList[],
  facts: CallFacts = factsOf(call),
): Cost {
  const { consumed, reading } = call;
  switch (consumed.kind) {
    case 'nothing':
      return freeCost(`nothing was consumed: ${consumed.why}`);
    case 'unknown':
      return reading.freeReason === undefined
        ? unpricedCost(consumed.why ?? 'the reply did not say what was consumed')
        : freeCost(reading.freeReason);
    case 'estimated':
      return costOfFacts(facts, prices, known({ freeReason: reading.freeReason }));
    default:
      return costOfFacts(
        facts,
        prices,
        known({ freeReason: reading.freeReason, reported: reading.reported }),
      );
  }
}

/**
 * The price of what an event says was consumed: for a new call as for one that is priced again, so that the two
 * cannot drift. `said` is what only the reply knows, and no later pricing asks for.
 */
export function costOfFacts(
  facts: PricedFacts,
  prices: readonly PriceList[],
  said: Pick<PriceQuery, 'freeReason' | 'reported'> = {},
): Cost {
  const { provider, timestamp, usage, usageRaw } = facts;
  if (facts.operation === SERVICE_OPERATION)
    return calculateServiceCost(provider, quantitiesIn(usageRaw), timestamp, prices);
  const query: PriceQuery = {
    provider,
    at: timestamp,
    operation: facts.operation,
    ...known({
      requestModel: facts.requestModel,
      responseModel: facts.responseModel,
      serviceTier: facts.serviceTier,
      serverAddress: facts.serverAddress,
    }),
    ...facts.priceInputs,
    ...said,
  };
  return costOf(usage, query, prices);
}

/** The operation of what `recordUsage` recorded. */
export const SERVICE_OPERATION = 'service';

/** The facts that decide a price. */
export type PricedFacts = Pick<
  CallFacts,
  | 'provider'
  | 'operation'
  | 'timestamp'
  | 'usage'
  | 'usageRaw'
  | 'requestModel'
  | 'responseModel'
  | 'serviceTier'
  | 'serverAddress'
  | 'priceInputs'
>;

/** What `recordUsage` was given. */
function quantitiesIn(usageRaw: JsonObject = {}): ServiceQuantities {
  return Object.fromEntries(
    Object.entries(usageRaw).filter(
      (entry): entry is [string, number | string] =>
        typeof entry[1] === 'number' || typeof entry[1] === 'string',
    ),
  );
}
