import { expect, test } from 'vitest';
import { parseTime } from '../../src/reports/parse-time.ts';
import { monthWindow as parseMonth } from '../../src/reports/period.ts';

const now = (): number => Date.parse('2026-11-20T12:00:00Z');

test.each([
  ['2026-11-20', '2026-11-20T00:00:00.000Z'],
  ['2026-11-20T10:00', '2026-11-20T10:00:00.000Z'],
  ['2026-11-20T10:00:30.5', '2026-11-20T10:00:30.500Z'],
  ['2026-11-20T10:00Z', '2026-11-20T10:00:00.000Z'],
  ['2026-11-20T00:30+01:00', '2026-11-19T23:30:00.000Z'],
  ['2028-02-29', '2028-02-29T00:00:00.000Z'],
  ['7d', '2026-11-13T12:00:00.000Z'],
  ['24h', '2026-11-19T12:00:00.000Z'],
  ['30m', '2026-11-20T11:30:00.000Z'],
])('reads %s as %s, UTC unless it says otherwise', (text, iso) => {
  expect(parseTime(text, now).toISOString()).toBe(iso);
});

test.each([
  '2026-02-29',
  '2026-11-31',
  '2026-13-01',
  '2026-11-20T25:00',
  '20.11.2026',
  'yesterday',
  '7w',
  '-1d',
  '',
])('refuses %j instead of guessing', (text) => {
  expect(() => parseTime(text, now)).toThrow(/Expected a time like 2026-11-20/);
});

test('takes a month from its first instant to the first of the next', () => {
  expect(parseMonth('2026-12')).toEqual({
    start: new Date('2026-12-01T00:00:00Z'),
    end: new Date('2027-01-01T00:00:00Z'),
  });
});

test.each(['2026-13', '2026-00', '2026-1', '2026-11-01', 'november'])('refuses the month %j', (text) => {
  expect(() => parseMonth(text)).toThrow(/Expected a month like 2026-11/);
});

test.each([
  ['2026-11-20', 'Europe/Berlin', '2026-11-19T23:00:00.000Z'],
  ['2026-11-20T10:00:30.5', 'America/New_York', '2026-11-20T15:00:30.500Z'],
  ['2026-11-20T10:00Z', 'Europe/Berlin', '2026-11-20T10:00:00.000Z'],
  // Half an hour off the full one.
  ['2026-11-20', 'Asia/Kolkata', '2026-11-19T18:30:00.000Z'],
])('reads %s by the clocks of %s', (text, zone, iso) => {
  expect(parseTime(text, now, zone).toISOString()).toBe(iso);
});
