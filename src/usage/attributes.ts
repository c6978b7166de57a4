import { count } from './read.ts';
import { QUANTITIES, type QuantityName, type Usage } from './usage.ts';

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
  cost: 'costspan.cost',
  costStatus: 'costspan.cost.status',
  usageSource: 'costspan.usage.source',
  serviceTier: 'costspan.service_tier',
} as const;

/** Quantities the conventions have a name for; every other one is `costspan.usage.<name>`. */
const CONVENTIONAL: { readonly [Name in QuantityName]?: string } = {
  inputTokens: 'gen_ai.usage.input_tokens',
  cacheReadTokens: 'gen_ai.usage.cache_read.input_tokens',
  cacheWriteTokens: 'gen_ai.usage.cache_write.input_tokens',
  inputTextTokens: 'gen_ai.usage.text.input_tokens',
  inputAudioTokens: 'gen_ai.usage.audio.input_tokens',
  inputImageTokens: 'gen_ai.usage.image.input_tokens',
  cacheReadTextTokens: 'gen_ai.usage.text.cache_read.input_tokens',
  cacheReadAudioTokens: 'gen_ai.usage.audio.cache_read.input_tokens',
  cacheReadImageTokens: 'gen_ai.usage.image.cache_read.input_tokens',
  outputTokens: 'gen_ai.usage.output_tokens',
  reasoningTokens: 'gen_ai.usage.reasoning.output_tokens',
  outputTextTokens: 'gen_ai.usage.text.output_tokens',
  outputAudioTokens: 'gen_ai.usage.audio.output_tokens',
  outputImageTokens: 'gen_ai.usage.image.output_tokens',
};

const NAMES = Object.keys(QUANTITIES) as readonly QuantityName[];

/** The span attribute that carries a quantity. */
export function usageAttribute(name: QuantityName): string {
  return CONVENTIONAL[name] ?? `costspan.usage.${QUANTITIES[name]}`;
}

/** Usage → span attributes. Iterations stay on the event: an attribute cannot hold them. */
export function usageToAttributes(usage: Usage): Record<string, number> {
  const attributes: Record<string, number> = {};
  for (const name of NAMES) {
    const quantity = usage[name];
    if (quantity !== undefined) attributes[usageAttribute(name)] = quantity;
  }
  return attributes;
}

/** Span attributes → usage, for spans in the newest conventions; other dialects have a reader of their own. */
export function usageFromAttributes(attributes: { readonly [key: string]: unknown }): Usage {
  const usage: { -readonly [Name in QuantityName]?: number } = {};
  for (const name of NAMES) {
    const quantity = count(attributes[usageAttribute(name)]);
    if (quantity !== undefined) usage[name] = quantity;
  }
  return usage;
}
