import type { Attributes } from '@opentelemetry/api';
import type { Cost } from '../pricing/price.ts';
import { ATTRIBUTES, usageToAttributes } from '../usage/attributes.ts';
import { type OpenCall, type SettledCall, usageOf, usageSourceOf } from './call.ts';

/** What is known before the request is sent; on a span of the SDK's own, it says the same as the event. */
export function requestAttributes(call: OpenCall): Attributes {
  const { provider, operation, request, serverAddress, serverPort } = call;
  return {
    [ATTRIBUTES.operationName]: operation,
    [ATTRIBUTES.providerName]: provider,
    ...(request.model === undefined ? {} : { [ATTRIBUTES.requestModel]: request.model }),
    ...(request.stream ? { [ATTRIBUTES.requestStream]: true } : {}),
    ...(serverAddress === undefined ? {} : { [ATTRIBUTES.serverAddress]: serverAddress }),
    ...(serverPort === undefined ? {} : { [ATTRIBUTES.serverPort]: serverPort }),
  };
}

/** What the call turned out to be, and what it cost. */
export function resultAttributes(
  call: SettledCall,
  cost: Cost | undefined,
): Record<string, string | number | string[]> {
  const { reading } = call;
  const attributes: Record<string, string | number | string[]> = {
    ...usageToAttributes(usageOf(call)),
    [ATTRIBUTES.usageSource]: usageSourceOf(call),
  };
  if (reading.responseModel !== undefined) attributes[ATTRIBUTES.responseModel] = reading.responseModel;
  if (reading.responseId !== undefined) attributes[ATTRIBUTES.responseId] = reading.responseId;
  if (reading.finishReasons !== undefined) attributes[ATTRIBUTES.finishReasons] = [...reading.finishReasons];
  if (reading.serviceTier !== undefined) attributes[ATTRIBUTES.serviceTier] = reading.serviceTier;
  if (call.timeToFirstTokenMs !== undefined)
    attributes[ATTRIBUTES.timeToFirstChunk] = call.timeToFirstTokenMs / 1000;
  if (call.errorType !== undefined) attributes[ATTRIBUTES.errorType] = call.errorType;
  return cost === undefined ? attributes : { ...attributes, ...costAttributes(cost) };
}

/** On a span of another instrumentation: what that does not say itself. */
export function peerAttributes(call: SettledCall, cost: Cost): Record<string, string | number> {
  return { [ATTRIBUTES.usageSource]: usageSourceOf(call), ...costAttributes(cost) };
}

/** The exact amount as text, and the double that the proposed convention asks for. */
function costAttributes(cost: Cost): Record<string, string | number> {
  const attributes: Record<string, string | number> = { [ATTRIBUTES.costStatus]: cost.status };
  if (cost.amount === undefined) return attributes;
  attributes[ATTRIBUTES.cost] = cost.amount;
  attributes[ATTRIBUTES.costAmount] = Number(cost.amount);
  if (cost.currency !== undefined) {
    attributes[ATTRIBUTES.costIn] = cost.currency;
    attributes[ATTRIBUTES.costCurrency] = cost.currency;
  }
  if (cost.source !== undefined) attributes[ATTRIBUTES.costSource] = cost.source;
  return attributes;
}
