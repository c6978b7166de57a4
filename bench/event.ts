import { createCostEvent, type CostEvent } from '../src/metering/cost-event.ts';

export const MONTH = Date.UTC(2026, 10, 1);

/** A usual chat call, spread over a month, five hundred customers and three models. */
export function event(index: number, count: number): CostEvent {
  const hex = index.toString(16).padStart(12, '0');
  const model = ['gpt-4o', 'gpt-4o-mini', 'gpt-4.1'][index % 3] ?? 'gpt-4o';
  return createCostEvent({
    id: `019aa1c2-0000-7000-8000-${hex}`,
    kind: 'usage',
    timestamp: new Date(MONTH + Math.floor((index / count) * 30 * 86_400_000)),
    durationMs: 800 + (index % 100),
    timeToFirstTokenMs: 200,
    customer: `customer-${index % 500}`,
    attributionSource: 'scope',
    context: { feature: 'chat', project: 'support_bot', environment: 'production' },
    provider: 'openai',
    operation: 'chat',
    requestModel: model,
    responseModel: `${model}-2024-08-06`,
    responseId: `chatcmpl-${hex}abcdefghijklmnop`,
    requestId: `req_${hex}${hex}abcdefgh`,
    serviceTier: 'default',
    serverAddress: 'api.openai.com',
    stream: false,
    status: 'ok',
    finishReasons: ['stop'],
    retries: 0,
    usage: {
      inputTokens: 2006 + (index % 7),
      cacheReadTokens: 1920,
      outputTokens: 300,
      reasoningTokens: 0,
      totalTokens: 2306,
      inputAudioTokens: 0,
      outputAudioTokens: 0,
      acceptedPredictionTokens: 0,
      rejectedPredictionTokens: 0,
    },
    usageRaw: {
      prompt_tokens: 2006,
      completion_tokens: 300,
      total_tokens: 2306,
      prompt_tokens_details: { cached_tokens: 1920, audio_tokens: 0 },
      completion_tokens_details: {
        reasoning_tokens: 0,
        audio_tokens: 0,
        accepted_prediction_tokens: 0,
        rejected_prediction_tokens: 0,
      },
    },
    usageSource: 'provider',
    cost: {
      status: 'priced',
      currency: 'USD',
      amount: '0.005615',
      source: 'local',
      lineItems: [
        { meter: 'input', quantity: '86', unitPrice: '2.5', per: '1000000', amount: '0.000215' },
        { meter: 'cache_read', quantity: '1920', unitPrice: '1.25', per: '1000000', amount: '0.0024' },
        { meter: 'output', quantity: '300', unitPrice: '10', per: '1000000', amount: '0.003' },
      ],
      price: { list: 'genai-prices@0.1.8+costspan-overlay@2026-11-28', id: 'openai/gpt-4o' },
    },
    traceId: `0123456789abcdef0123${hex}`,
    spanId: `0123${hex}`,
    service: 'support-api',
  });
}
