import type { ConditionRow, ModelRow } from './overlay.ts';
import { perMillion, type Prices } from './rates.ts';

const PRICING = 'https://api-docs.deepseek.com/quick_start/pricing/';

/** The first instant of prices by the hour; before it, one price held all day. */
const HOURLY_FROM = '2026-08-16T16:00:00Z';
const V4_FROM = '2026-04-24T00:00:00Z';
/** From here on V4.1 Flash answers under V4 Flash's name, at its own price. */
const V41_FROM = '2026-09-10T04:00:00Z';

/** The old aliases, which resolve to V4 Flash from its release until they were switched off. */
const FLASH = ['deepseek-v4-flash', 'deepseek-chat', 'deepseek-reasoner'];

export const DEEPSEEK_MODELS: readonly ModelRow[] = [
  row(['deepseek-flash'], { cache_read: '0.003', input: '0.15', output: '0.6' }, V41_FROM),
  row(
    [...FLASH, 'deepseek-v4-flash-vision-exp'],
    { cache_read: '0.003', input: '0.15', output: '0.6' },
    V41_FROM,
  ),
  row(FLASH, { cache_read: '0.007', input: '0.22', output: '0.66' }, HOURLY_FROM, V41_FROM),
  row(FLASH, { cache_read: '0.0028', input: '0.14', output: '0.28' }, V4_FROM, HOURLY_FROM),
  row(['deepseek-v4-pro'], { cache_read: '0.022', input: '0.66', output: '1.98' }, HOURLY_FROM),
  row(['deepseek-v4-pro'], { cache_read: '0.003625', input: '0.435', output: '0.87' }, V4_FROM, HOURLY_FROM),
  row(
    ['deepseek-chat', 'deepseek-reasoner'],
    { cache_read: '0.028', input: '0.28', output: '0.42' },
    '2025-09-29T00:00:00Z',
    V4_FROM,
  ),
  row(
    ['deepseek-chat', 'deepseek-reasoner'],
    { cache_read: '0.07', input: '0.56', output: '1.68' },
    '2025-09-05T16:00:00Z',
    '2025-09-29T00:00:00Z',
  ),
];

export const DEEPSEEK_CONDITIONS: readonly ConditionRow[] = [
  {
    provider: 'deepseek',
    circumstance: 'hour',
    value: 'peak',
    validFrom: HOURLY_FROM,
    factor: '2',
    source: PRICING,
  },
];

/**
 * Peak hours are 01:00–04:00 and 06:00–10:00 UTC, Monday to Friday, but on Chinese public holidays. Those hours
 * are the same calendar day in Beijing.
 */
export function isDeepSeekPeak(at: Date): boolean {
  const hour = at.getUTCHours();
  const weekday = at.getUTCDay();
  const peak = (hour >= 1 && hour < 4) || (hour >= 6 && hour < 10);
  return peak && weekday >= 1 && weekday <= 5 && !isChineseHoliday(at.toISOString().slice(0, 10));
}

/**
 * First and last days of the public holidays, as the State Council announced them for the year (国办发明电〔2025〕7号).
 * The next year's are announced each November; days nobody has announced count as ordinary.
 */
const CHINESE_HOLIDAYS: readonly (readonly [string, string])[] = [
  ['2026-01-01', '2026-01-03'],
  ['2026-02-15', '2026-02-23'],
  ['2026-04-04', '2026-04-06'],
  ['2026-05-01', '2026-05-05'],
  ['2026-06-19', '2026-06-21'],
  ['2026-09-25', '2026-09-27'],
  ['2026-10-01', '2026-10-07'],
  ['2027-01-01', '2027-01-01'],
];

function isChineseHoliday(day: string): boolean {
  return CHINESE_HOLIDAYS.some(([first, last]) => day >= first && day <= last);
}

function row(models: readonly string[], prices: Prices, validFrom: string, validTo?: string): ModelRow {
  return {
    provider: 'deepseek',
    models,
    kind: 'card',
    rates: perMillion(prices),
    validFrom,
    ...(validTo === undefined ? {} : { validTo }),
    source: PRICING,
  };
}
