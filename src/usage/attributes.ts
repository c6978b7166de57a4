import { count } from '../base/read.ts';
import { ALL_QUANTITIES, type QuantityName } from './quantities.ts';
import type { Usage } from './usage.ts';

/**
 * The span attributes Costspan writes and reads, under the newest GenAI conventions
 * (https://github.com/open-telemetry/semantic-conventions-genai, no tagged release as of 2026-11) and, for
 * cost, the names proposed there in pull request 443. The list is our own because the published package
 * `@opentelemetry/semantic-conventions` is frozen at older names.
 */
export const ATTRIBUTES = {
  providerName: 'gen_ai.provider.name',
  operationName: 'gen_ai.operation.name',
  requestModel: 'gen_ai.request.model',
  requestStream: 'gen_ai.request.stream',
  responseModel: 'gen_ai.response.model',
  responseId: 'gen_ai.response.id',
  finishReasons: 'gen_ai.response.finish_reasons',
  timeToFirstChunk: 'gen_ai.response.time_to_first_chunk',
  serverAddress: 'server.address',
  serverPort: 'server.port',
  errorType: 'error.type',
  costAmount: 'gen_ai.usage.cost.amount',
  costCurrency: 'gen_ai.usage.cost.currency',
  costSource: 'gen_ai.usage.cost.source',
  eventId: 'costspan.event.id',
  customer: 'costspan.customer',
  contextPrefix: 'costspan.context.',
  cost: 'costspan.cost.amount',
  costStatus: 'costspan.cost.status',
  costIn: 'costspan.cost.currency',
  usageSource: 'costspan.usage.source',
  serviceTier: 'costspan.service_tier',
} as const;

/** Usage → span attributes. Iterations stay on the event: an attribute cannot hold them. */
export function usageToAttributes(usage: Usage): Record<string, number> {
  const attributes: Record<string, number> = {};
  for (const { name, attribute } of ALL_QUANTITIES) {
    const quantity = usage[name];
    if (quantity !== undefined) attributes[attribute] = quantity;
  }
  return attributes;
}

/** Span attributes → usage, for spans in the newest conventions; other dialects have a reader of their own. */
export function usageFromAttributes(attributes: { readonly [key: string]: unknown }): Usage {
  const usage: { -readonly [Name in QuantityName]?: number } = {};
  for (const { name, attribute } of ALL_QUANTITIES) {
    const quantity = count(attributes[attribute]);
    if (quantity !== undefined) usage[name] = quantity;
  }
  return usage;
}
