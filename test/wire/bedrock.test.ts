import { describe, expect, test } from 'vitest';
import { priceResponse } from '../../src/index.ts';
import type { JsonObject } from '../../src/base/read.ts';
import { readRawReply } from '../../src/wire/read-reply.ts';
import { read } from '../support/replies.ts';

describe('Bedrock', () => {
  test('adds the cache that Converse leaves out of its input, by lifetime', () => {
    const { usage } = read('aws.bedrock', {
      output: {},
      stopReason: 'end_turn',
      usage: {
        inputTokens: 3,
        outputTokens: 227,
        totalTokens: 2142,
        cacheReadInputTokens: 200,
        cacheReadInputTokenCount: 200,
        cacheWriteInputTokens: 1712,
        cacheWriteInputTokenCount: 1712,
        cacheDetails: [
          { ttl: '5m', inputTokens: 1700 },
          { ttl: '1h', inputTokens: 12 },
        ],
      },
    });
    // 3 + 200 + 1,712 = 1,915; 1,915 + 227 = 2,142
    expect(usage).toEqual({
      inputTokens: 1915,
      cacheReadTokens: 200,
      cacheWriteTokens: 1712,
      cacheWrite5mTokens: 1700,
      cacheWrite1hTokens: 12,
      outputTokens: 227,
      totalTokens: 2142,
    });
  });

  test('counts by the headers where the body says nothing', () => {
    const { reading } = readRawReply({
      provider: 'aws.bedrock',
      url: 'https://bedrock-runtime.us-east-1.amazonaws.com/model/cohere.command-r-v1%3A0/invoke',
      body: { text: 'hi', finish_reason: 'COMPLETE' },
      headers: { 'X-Amzn-Bedrock-Input-Token-Count': '5', 'X-Amzn-Bedrock-Output-Token-Count': '10' },
    });
    expect(reading.usage).toEqual({ inputTokens: 5, outputTokens: 10, totalTokens: 15 });
  });

  test('reads the chunks of InvokeModel as the SDK yields them', () => {
    const bytes = new TextEncoder().encode(
      JSON.stringify({
        outputText: 'hello',
        completionReason: 'FINISH',
        'amazon-bedrock-invocationMetrics': { inputTokenCount: 4, outputTokenCount: 2 },
      }),
    );
    const reading = read('aws.bedrock', [{ chunk: { bytes } }]);
    expect(reading).toMatchObject({ usage: { inputTokens: 4, outputTokens: 2 }, outputCharacters: 5 });
  });
});

describe('what Bedrock adds to the model', () => {
  const usage = { inputTokens: 1000, outputTokens: 100, totalTokens: 1100 };
  const router = 'arn:aws:bedrock:us-east-1:1:default-prompt-router/anthropic.claude:1';
  const profile = 'arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-sonnet-4-20250514-v1:0';

  test('the price of the model that a prompt router chose', () => {
    const body = { output: {}, usage, trace: { promptRouter: { invokedModelId: profile } } };
    // 1000 × 3/M + 100 × 15/M = 0.0045
    const cost = priceResponse(body, { provider: 'aws.bedrock', model: router });
    expect(cost).toMatchObject({ status: 'priced', amount: '0.0045' });
    expect(priceResponse({ output: {}, usage }, { provider: 'aws.bedrock', model: router }).status).toBe(
      'unpriced',
    );
  });

  test('no price for latency-optimized inference that nobody knows', () => {
    const options = { provider: 'aws.bedrock', model: 'amazon.nova-pro-v1:0' };
    const body = { output: {}, usage, performanceConfig: { latency: 'optimized' } };
    expect(priceResponse(body, options)).toMatchObject({
      status: 'unpriced',
      reason: expect.stringContaining("speed 'optimized'"),
    });
    const standard = { output: {}, usage, performanceConfig: { latency: 'standard' } };
    expect(priceResponse(standard, options).status).toBe('priced');
    // InvokeModel says it in a header.
    const headers = { 'X-Amzn-Bedrock-PerformanceConfig-Latency': 'optimized' };
    const url = 'https://bedrock-runtime.us-east-1.amazonaws.com/model/amazon.nova-pro-v1%3A0/invoke';
    expect(priceResponse({ usage }, { url, headers }).status).toBe('unpriced');
    expect(priceResponse({ usage }, { url }).status).toBe('priced');
  });

  test('the units of guardrails, added up over input and output', () => {
    const assessment = (units: object): JsonObject => ({ invocationMetrics: { usage: units } });
    const guardrail = {
      inputAssessment: { g1: assessment({ contentPolicyUnits: 2, topicPolicyUnits: 1, wordPolicyUnits: 2 }) },
      outputAssessments: {
        g1: [
          assessment({
            contentPolicyUnits: 1,
            sensitiveInformationPolicyUnits: 1,
            sensitiveInformationPolicyFreeUnits: 4,
          }),
        ],
      },
    };
    const body = { output: {}, usage, trace: { guardrail } };
    expect(read('aws.bedrock', body).usage).toEqual({
      inputTokens: 1000,
      outputTokens: 100,
      totalTokens: 1100,
      guardrailContentUnits: 3,
      guardrailTopicUnits: 1,
      guardrailSensitiveInformationUnits: 1,
    });
    // 0.0045 + (3 × 0.15 + 1 × 0.15 + 1 × 0.1) / 1000 = 0.0052
    expect(priceResponse(body, { provider: 'aws.bedrock', model: profile }).amount).toBe('0.0052');
  });

  test('a guardrail applied by itself', () => {
    const url = 'https://bedrock-runtime.us-east-1.amazonaws.com/guardrail/g1/version/1/apply';
    const body = { usage: { contentPolicyUnits: 10, topicPolicyUnits: 0 }, action: 'NONE' };
    // 10 × 0.15/1000 = 0.0015
    expect(priceResponse(body, { url })).toMatchObject({ status: 'priced', amount: '0.0015' });
  });

  test('the tier in a header, where the body is the model’s own', () => {
    const headers = { 'X-Amzn-Bedrock-Service-Tier': 'flex' };
    const url = 'https://bedrock-runtime.us-east-1.amazonaws.com/model/qwen.qwen3-32b-v1%3A0/invoke';
    const { reading } = readRawReply({ url, body: { usage }, headers });
    expect(reading.serviceTier).toBe('flex');
  });
});

describe('reranking by InvokeModel', () => {
  const body = { results: [{ index: 0, relevance_score: 0.9 }] };
  const options = { provider: 'aws.bedrock', model: 'cohere.rerank-v3-5:0' };

  test('is one search per hundred short documents', () => {
    const request = { query: 'which?', documents: Array.from({ length: 101 }, () => 'short') };
    // 2 × 2/1000 = 0.004
    expect(priceResponse(body, { ...options, request }).amount).toBe('0.004');
  });

  test('is unpriced where a long document may count as several', () => {
    const request = { query: 'which?', documents: ['x'.repeat(600)] };
    expect(priceResponse(body, { ...options, request })).toMatchObject({
      status: 'unpriced',
      reason: expect.stringContaining('long documents'),
    });
  });
});

describe('calls that go on without us', () => {
  const url = 'https://bedrock-runtime.us-east-1.amazonaws.com/async-invoke';
  const body = { invocationArn: 'arn:aws:bedrock:us-east-1:1:async-invoke/1' };

  test.each([
    [{ videoGenerationConfig: { durationSeconds: 12 } }, 12],
    [{ multiShotManualParams: { shots: [{}, {}, {}] } }, 18],
    [{ duration: '5s' }, 5],
  ])('make as many seconds of video as %j asks for', (modelInput, seconds) => {
    const { reading } = readRawReply({ url, body, request: { modelInput } });
    expect(reading.usage).toEqual({ outputVideoSeconds: seconds });
  });

  test('have no price where the request does not say', () => {
    expect(priceResponse(body, { url, request: { modelId: 'm', modelInput: {} } }).status).toBe('unpriced');
  });
});

test('speech to speech counts totals of the session, speech apart', () => {
  const usageEvent = {
    totalInputTokens: 30,
    totalOutputTokens: 50,
    totalTokens: 80,
    details: {
      total: { input: { speechTokens: 20, textTokens: 10 }, output: { speechTokens: 45, textTokens: 5 } },
    },
  };
  const { operation, reading } = readRawReply({ provider: 'aws.bedrock', body: { event: { usageEvent } } });
  expect(operation).toBe('live_session');
  expect(reading).toMatchObject({
    cumulative: true,
    usage: {
      inputTokens: 30,
      inputAudioTokens: 20,
      inputTextTokens: 10,
      outputTokens: 50,
      outputAudioTokens: 45,
      totalTokens: 80,
    },
  });
});
