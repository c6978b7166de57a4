import { describe, expect, test } from 'vitest';
import { priceResponse } from '../../src/wire/price-response.ts';
import { formatDecimal, parseDecimal, sumDecimals } from '../../src/base/decimal.ts';
import type { Cost } from '../../src/pricing/price.ts';
import { object } from '../../src/base/read.ts';
import { hasRecordings, type Recording, recordings, replyOf, requestOf } from '../support/recordings.ts';

const answered = recordings().filter(({ status }) => status < 400);

/** Hosts nobody has a price list for: own machines, gateways with their own contracts. */
const WITHOUT_PRICES =
  /^(?:ollama|vllm|gpustack|openai-compatible|huggingface|snowflake|writer|deepgram|pydantic-gateway|voyage|zai|heroku|github)/;

describe.skipIf(!hasRecordings)('prices of recorded replies', () => {
  test.each(answered.map((recording) => [`${recording.file} ${recording.id}`, recording] as const))(
    'has a sound cost for %s',
    (_, recording) => {
      const { status, amount, lineItems, reason } = priceOf(recording);
      if (status === 'unpriced') expect(reason).toBeTruthy();
      const total = sumDecimals(lineItems.map((item) => item.amount));
      expect(total).toBe(status === 'unpriced' ? '0' : amount);
    },
  );

  test('takes every cost a provider reported to the last digit', () => {
    const reported = answered.flatMap((recording) => {
      const cost = reportedOnWire(recording);
      return cost === undefined ? [] : [{ id: recording.id, cost, ours: priceOf(recording) }];
    });
    expect(reported.length).toBeGreaterThan(20);
    const wrong = reported.filter(({ cost, ours }) => ours.source !== 'provider' || ours.amount !== cost);
    expect(wrong.map(({ id, cost, ours }) => [id, cost, ours.amount ?? ours.reason])).toEqual([]);
  });

  test('knows a price for nearly everything that the big providers billed', () => {
    const billed = answered
      .filter(({ file, expected_usage: usage }) => usage !== null && !WITHOUT_PRICES.test(file))
      .map((recording) => priceOf(recording));
    const known = billed.filter(({ status }) => status !== 'unpriced');
    expect(known.length / billed.length).toBeGreaterThan(0.9);
  });
});

function priceOf(recording: Recording): Cost {
  const { body, events } = replyOf(recording);
  const request = requestOf(recording);
  return priceResponse(events ?? body, {
    url: recording.url,
    method: recording.method,
    headers: recording.response_headers,
    at: new Date('2026-09-20T12:00:00Z'),
    ...(request === undefined ? {} : { request }),
  });
}

/** OpenRouter's `usage.cost`, unless an own key was used. */
function reportedOnWire({ provider, expected_usage: expected }: Recording): string | undefined {
  const usage = object(expected);
  if (provider !== 'openrouter' || usage?.is_byok === true) return undefined;
  const cost = usage?.cost;
  const exact = typeof cost === 'number' ? parseDecimal(String(cost)) : undefined;
  return exact === undefined ? undefined : formatDecimal(exact);
}
