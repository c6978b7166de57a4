import { describe, expect, test } from 'vitest';
import { rollingMs, windowOf } from '../../src/budgets/period.ts';

const at = (text: string): Date => new Date(text);

describe('the period of a call', () => {
  test.each([
    ['hour', 'UTC', '2026-11-30T10:59:59Z', '2026-11-30T10:00:00Z', '2026-11-30T11:00:00Z'],
    ['day', 'Europe/Berlin', '2026-10-25T22:59:59Z', '2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z'],
    ['day', 'America/New_York', '2026-03-08T12:00:00Z', '2026-03-08T05:00:00Z', '2026-03-09T04:00:00Z'],
    ['week', 'Asia/Tokyo', '2026-11-29T15:00:00Z', '2026-11-29T15:00:00Z', '2026-12-06T15:00:00Z'],
    ['month', 'Europe/Berlin', '2026-11-30T23:00:00Z', '2026-11-30T23:00:00Z', '2026-12-31T23:00:00Z'],
  ] as const)('by the %s in %s at %s is from %s to %s', (period, timeZone, instant, start, end) => {
    const window = windowOf(period, at(instant), { timeZone });
    expect(window).toMatchObject({ start: at(start), end: at(end) });
    expect(window.bucket).toBe(window.from);
  });

  test('in total has no end, and one counter for ever', () => {
    expect(windowOf('total', at('2026-01-01'))).toEqual(windowOf('total', at('2036-01-01')));
  });
});

describe('a billing month', () => {
  test.each([
    ['on the anchor day itself', '2026-11-15T00:00:00Z', 15, '2026-11-15', '2026-12-15'],
    ['the moment before it', '2026-11-14T23:59:59.999Z', 15, '2026-10-15', '2026-11-15'],
    ['anchored at 31, in a month of 30 days', '2026-11-30T12:00:00Z', 31, '2026-11-30', '2026-12-31'],
    ['anchored at 31, in February', '2026-03-01T12:00:00Z', 31, '2026-02-28', '2026-03-31'],
    ['across the year', '2027-01-03T12:00:00Z', 5, '2026-12-05', '2027-01-05'],
  ])('%s is from one anchor to the next', (_title, instant, anchorDay, start, end) => {
    expect(windowOf('month', at(instant), { anchorDay })).toMatchObject({ start: at(start), end: at(end) });
  });
});

describe('a rolling window', () => {
  test('of 24 h counts in parts of 24 minutes, and forgets the oldest as a new one begins', () => {
    const first = windowOf({ rolling: '24h' }, at('2026-11-30T00:00:00Z'));
    const last = windowOf({ rolling: '24h' }, at('2026-11-30T23:59:59.999Z'));
    const next = windowOf({ rolling: '24h' }, at('2026-12-01T00:00:00Z'));
    expect(last.from).toBeLessThanOrEqual(first.bucket);
    expect(next.from).toBe(first.bucket + 24 * 60_000);
  });

  test.each([
    ['24h', 86_400_000],
    ['30m', 1_800_000],
    ['7d', 604_800_000],
    ['0h', undefined],
    ['24', undefined],
    ['-1h', undefined],
  ])('%s is %d milliseconds', (rolling, ms) => {
    expect(rollingMs({ rolling })).toBe(ms);
  });
});

describe('the turn of the month, and the nights on which the clocks are changed', () => {
  test.each([
    // The last moment of a month, and the first of the next.
    ['month', 'Europe/Berlin', '2026-11-30T22:59:59.999Z', '2026-10-31T23:00:00Z', '2026-11-30T23:00:00Z'],
    ['month', 'Europe/Berlin', '2026-11-30T23:00:00.000Z', '2026-11-30T23:00:00Z', '2026-12-31T23:00:00Z'],
    ['month', 'America/New_York', '2026-12-01T04:59:59.999Z', '2026-11-01T04:00:00Z', '2026-12-01T05:00:00Z'],
    ['month', 'America/New_York', '2026-12-01T05:00:00.000Z', '2026-12-01T05:00:00Z', '2027-01-01T05:00:00Z'],
    [
      'month',
      'Australia/Lord_Howe',
      '2026-09-30T13:29:59.999Z',
      '2026-08-31T13:30:00Z',
      '2026-09-30T13:30:00Z',
    ],
    [
      'month',
      'Australia/Lord_Howe',
      '2026-09-30T13:30:00.000Z',
      '2026-09-30T13:30:00Z',
      '2026-10-31T13:00:00Z',
    ],
    // Spring: a day of 23 hours (of 23 and a half on Lord Howe), before and after the jump.
    ['day', 'Europe/Berlin', '2026-03-29T00:59:59Z', '2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z'],
    ['day', 'Europe/Berlin', '2026-03-29T01:00:00Z', '2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z'],
    ['day', 'America/New_York', '2026-03-08T06:59:59Z', '2026-03-08T05:00:00Z', '2026-03-09T04:00:00Z'],
    ['day', 'America/New_York', '2026-03-08T07:00:00Z', '2026-03-08T05:00:00Z', '2026-03-09T04:00:00Z'],
    ['day', 'Australia/Lord_Howe', '2026-10-03T15:29:59Z', '2026-10-03T13:30:00Z', '2026-10-04T13:00:00Z'],
    ['day', 'Australia/Lord_Howe', '2026-10-03T15:30:00Z', '2026-10-03T13:30:00Z', '2026-10-04T13:00:00Z'],
    // Autumn: a day of 25 hours (of 24 and a half), in both of the hours that come twice.
    ['day', 'Europe/Berlin', '2026-10-25T00:30:00Z', '2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z'],
    ['day', 'Europe/Berlin', '2026-10-25T01:30:00Z', '2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z'],
    ['day', 'America/New_York', '2026-11-01T05:30:00Z', '2026-11-01T04:00:00Z', '2026-11-02T05:00:00Z'],
    ['day', 'America/New_York', '2026-11-01T06:30:00Z', '2026-11-01T04:00:00Z', '2026-11-02T05:00:00Z'],
    ['day', 'Australia/Lord_Howe', '2026-04-04T14:45:00Z', '2026-04-04T13:00:00Z', '2026-04-05T13:30:00Z'],
    ['day', 'Australia/Lord_Howe', '2026-04-04T15:15:00Z', '2026-04-04T13:00:00Z', '2026-04-05T13:30:00Z'],
    // The two hours of one name are two periods.
    ['hour', 'Europe/Berlin', '2026-10-25T00:30:00Z', '2026-10-25T00:00:00Z', '2026-10-25T01:00:00Z'],
    ['hour', 'Europe/Berlin', '2026-10-25T01:30:00Z', '2026-10-25T01:00:00Z', '2026-10-25T02:00:00Z'],
  ] as const)('the %s in %s at %s is from %s to %s', (period, timeZone, instant, start, end) => {
    expect(windowOf(period, at(instant), { timeZone })).toMatchObject({ start: at(start), end: at(end) });
  });
});
