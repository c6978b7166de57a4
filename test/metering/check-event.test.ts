import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/base/errors.ts';
import { costEventFrom } from '../../src/metering/check-event.ts';
import { costEvent } from '../ledger/events.ts';

const event = costEvent();

describe('an event may be given', () => {
  test('as it is', () => expect(costEventFrom(event)).toBe(event));

  test('as an object of its fields', () => {
    expect(costEventFrom({ ...event, customer: 'b' }).toJSON()).toEqual({ ...event.toJSON(), customer: 'b' });
  });

  test('as its JSON form', () => {
    expect(costEventFrom(JSON.parse(JSON.stringify(event))).toJSON()).toEqual(event.toJSON());
  });

  test('as that of another copy of this package', () => {
    const foreign = Object.assign(Object.create({ toJSON: () => event.toJSON() }) as object, { id: 'x' });
    expect(costEventFrom(foreign).toJSON()).toEqual(event.toJSON());
  });

  test('without what most events say', () => {
    const { id, timestamp, provider, operation, cost } = event;
    expect(costEventFrom({ id, timestamp, provider, operation, cost })).toMatchObject({
      kind: 'usage',
      customer: null,
      status: 'ok',
      retries: 0,
    });
  });
});

const { cost } = event;

test.each<[string, object, string]>([
  ['no id', { ...event, id: '' }, "expected 'id' to be a non-empty text, got ''"],
  ['an unknown field', { ...event, custmer: 'b' }, "unknown field 'custmer'. Did you mean 'customer'?"],
  [
    'a time that is none',
    { ...event, timestamp: new Date(Number.NaN) },
    "expected 'timestamp' to be a valid Date",
  ],
  [
    'a customer that is no text',
    { ...event, customer: { id: 1 } },
    "expected 'customer' to be a non-empty text or null",
  ],
  ['a quantity nobody knows', { ...event, usage: { inputToken: 1 } }, "Did you mean 'inputTokens'?"],
  [
    'a negative count',
    { ...event, usage: { inputTokens: -1 } },
    "expected 'usage.inputTokens' to be a number ≥ 0, got -1",
  ],
  [
    'money as a number',
    { ...event, cost: { ...cost, amount: 0.5 } },
    "expected 'cost.amount' to be a decimal as text",
  ],
  ['unpriced with an amount', { ...event, cost: { ...cost, status: 'unpriced' } }, 'absent when unpriced'],
  ['a correction of nothing', { ...event, kind: 'adjustment' }, "expected 'adjusts'"],
  ['a newer JSON form', { ...event.toJSON(), schema_version: 2 }, 'Update the costspan package'],
])('%s is refused, with what was expected', (_, given, message) => {
  expect(() => costEventFrom(given)).toThrow(ConfigError);
  expect(() => costEventFrom(given)).toThrow(message);
});

test.each([[undefined], [null], ['{}'], [[event]]])('%j is no event', (given) => {
  expect(() => costEventFrom(given)).toThrow('This is no cost event: expected an event, got');
});
