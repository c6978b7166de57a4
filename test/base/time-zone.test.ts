import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { instantOf, isTimeZone, localTime, startOf, startOfNext } from '../../src/base/time-zone.ts';

const at = (text: string): Date => new Date(text);

describe('a local time', () => {
  test.each([
    ['2026-01-15T12:00:00Z', 'Europe/Berlin', 13, 3],
    ['2026-07-15T12:00:00Z', 'Europe/Berlin', 14, 2],
    ['2026-01-15T12:00:00Z', 'America/New_York', 7, 3],
    ['2026-01-15T12:00:00Z', 'Asia/Kathmandu', 17, 3],
    ['2026-11-29T23:59:59Z', 'UTC', 23, 6],
  ])('of %s in %s has hour %d and weekday %d, Monday being 0', (instant, zone, hour, weekday) => {
    expect(localTime(at(instant), zone)).toMatchObject({ hour, weekday });
  });
});

describe('the instant of a local time', () => {
  test('that is skipped in spring is when the clocks jump: 02:00 to 03:00 on 2026-03-29 in Berlin', () => {
    expect(instantOf({ year: 2026, month: 3, day: 29, hour: 2 }, 'Europe/Berlin')).toEqual(
      at('2026-03-29T01:00:00Z'),
    );
  });

  test('that comes twice in autumn is the first of the two: 02:00 on 2026-10-25 in Berlin', () => {
    expect(instantOf({ year: 2026, month: 10, day: 25, hour: 2 }, 'Europe/Berlin')).toEqual(
      at('2026-10-25T00:00:00Z'),
    );
  });

  test('at a midnight that does not exist is the first moment of that day: Beirut, 2026-03-29', () => {
    expect(instantOf({ year: 2026, month: 3, day: 29 }, 'Asia/Beirut')).toEqual(at('2026-03-28T22:00:00Z'));
  });

  test('overflows into the next month and year', () => {
    expect(instantOf({ year: 2026, month: 13, day: 1 }, 'UTC')).toEqual(at('2027-01-01T00:00:00Z'));
  });
});

describe('the start of a unit', () => {
  test.each([
    ['hour', '2026-11-30T10:59:59.999Z', 'Asia/Kathmandu', '2026-11-30T10:15:00Z', '2026-11-30T11:15:00Z'],
    ['day', '2026-10-25T12:00:00Z', 'Europe/Berlin', '2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z'],
    ['day', '2026-03-29T12:00:00Z', 'Europe/Berlin', '2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z'],
    ['week', '2026-11-29T12:00:00Z', 'UTC', '2026-11-23T00:00:00Z', '2026-11-30T00:00:00Z'],
    ['month', '2026-12-31T23:30:00Z', 'Europe/Berlin', '2026-12-31T23:00:00Z', '2027-01-31T23:00:00Z'],
    ['month', '2026-11-30T23:59:59Z', 'America/New_York', '2026-11-01T04:00:00Z', '2026-12-01T05:00:00Z'],
    ['year', '2026-06-01T00:00:00Z', 'Asia/Tokyo', '2025-12-31T15:00:00Z', '2026-12-31T15:00:00Z'],
  ] as const)('%s around %s in %s is %s, the next one %s', (unit, instant, zone, start, next) => {
    expect(startOf(unit, at(instant), zone)).toEqual(at(start));
    expect(startOfNext(unit, at(instant), zone)).toEqual(at(next));
  });

  test('tells the two hours of an autumn night apart', () => {
    // 02:30 summer time and 02:30 winter time in Berlin.
    expect(startOf('hour', at('2026-10-25T00:30:00Z'), 'Europe/Berlin')).toEqual(at('2026-10-25T00:00:00Z'));
    expect(startOf('hour', at('2026-10-25T01:30:00Z'), 'Europe/Berlin')).toEqual(at('2026-10-25T01:00:00Z'));
  });

  test('never lies after the instant, and the next one always does', () => {
    const zone = fc.constantFrom(
      'UTC',
      'Europe/Berlin',
      'America/New_York',
      'Asia/Kathmandu',
      'Australia/Lord_Howe',
    );
    const unit = fc.constantFrom('hour', 'day', 'week', 'month', 'year');
    const instant = fc.date({ min: at('2020-01-01'), max: at('2035-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(zone, unit, instant, (timeZone, each, now) => {
        const start = startOf(each, now, timeZone);
        const next = startOfNext(each, now, timeZone);
        expect(start.getTime()).toBeLessThanOrEqual(now.getTime());
        expect(next.getTime()).toBeGreaterThan(now.getTime());
        expect(startOf(each, next, timeZone)).toEqual(next);
      }),
    );
  });
});

test.each([
  ['Europe/Berlin', true],
  ['UTC', true],
  ['Europe/Berln', false],
  ['', false],
  [42, false],
])('%j is a time zone: %j', (name, is) => {
  expect(isTimeZone(name)).toBe(is);
});
