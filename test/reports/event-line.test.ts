import { expect, test } from 'vitest';
import { eventLine } from '../../src/reports/event-line.ts';
import { costEvent, unattributedEvent } from '../cli/events.ts';

const id = costEvent(1).id;

test('says where an unattributed call was made', () => {
  expect(eventLine(unattributedEvent(1, { callSite: 'summary (app.ts:91)' }))).toBe(
    `2026-11-20T10:00:01.000Z  (unattributed)  openai gpt-4o-2024-08-06  chat  2006 in (1920 cached) 300 out  USD 0.005615  at summary (app.ts:91)  ${id}`,
  );
});

test('tells a failed call by its status and error', () => {
  const line = eventLine(
    costEvent(1, {
      customer: null,
      status: 'error',
      errorType: 'RateLimitError',
      usage: {},
      usageSource: 'none',
      cost: { status: 'free', currency: 'USD', amount: '0', lineItems: [] },
    }),
  );
  expect(line).toContain('(nobody)  openai gpt-4o-2024-08-06  chat  USD 0  error  RateLimitError');
});

test('tells an estimate from a count, and no price from a price of 0', () => {
  const line = eventLine(
    costEvent(1, {
      status: 'aborted',
      usage: { outputTokens: 12 },
      usageSource: 'estimated',
      cost: { status: 'unpriced', lineItems: [] },
    }),
  );
  expect(line).toContain('chat  12 out  unpriced  aborted  estimated');
});
