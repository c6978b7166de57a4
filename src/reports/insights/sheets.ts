import { showTime } from '../format-table.ts';
import type { Sheet } from '../sheet.ts';
import type { CacheSavings } from './cache-savings.ts';
import type { Forecast } from './forecast.ts';
import type { Margin } from './margins.ts';
import type { Outliers } from './outliers.ts';
import type { Peak, WeekHour } from './peaks.ts';
import type { Trend } from './trend.ts';

/** The answers as columns and rows. */

export function trendSheet(trends: readonly Trend[], timeZone: string): Sheet {
  return {
    title: `Spend until now, and as long before (${timeZone})`,
    names: ['span', 'currency'],
    numbers: ['amount', 'before', 'change', 'calls', 'calls_before', 'unpriced'],
    rows: trends.map((each) => [
      each.name,
      each.currency,
      each.amount,
      each.amountBefore,
      each.change ?? null,
      each.events,
      each.eventsBefore,
      each.unpriced,
    ]),
  };
}

export function peakSheet(peaks: readonly Peak[], timeZone: string): Sheet {
  return {
    title: `What cost most at a time (${timeZone})`,
    names: ['time', 'currency'],
    numbers: ['amount', 'calls'],
    rows: peaks.map(({ time, currency, amount, events }) => [time, currency, amount, events]),
  };
}

const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

export function weekSheet(hours: readonly WeekHour[], timeZone: string): Sheet {
  return {
    title: `Spend by hour of the week (${timeZone})`,
    names: ['weekday', 'hour', 'currency'],
    numbers: ['amount', 'calls'],
    rows: hours.map(({ weekday, hour, currency, amount, events }) => [
      WEEKDAYS[weekday] ?? '',
      `${String(hour).padStart(2, '0')}:00`,
      currency,
      amount,
      events,
    ]),
  };
}

export function cacheSheet(savings: readonly CacheSavings[]): Sheet {
  const unknown = savings.reduce((sum, each) => sum + each.unknown, 0);
  return {
    title: 'What caching saved, at list prices',
    names: ['provider', 'model', 'currency'],
    numbers: ['tokens_read', 'tokens_written', 'saved_by_reading', 'paid_for_writing', 'saved'],
    rows: savings.map((each) => [
      each.provider,
      each.model,
      each.currency,
      each.read,
      each.written,
      each.savedByReading,
      each.paidForWriting,
      each.saved,
    ]),
    ...(unknown === 0
      ? {}
      : { notes: [`unknown: ${unknown} calls with cached tokens, whose uncached price is not known.`] }),
  };
}

export function outlierSheet({ rule, outliers }: Outliers): Sheet {
  return {
    title: 'Calls that cost far more than usual',
    names: ['time', 'customer', 'model', 'id'],
    numbers: ['amount', 'median'],
    rows: outliers.map(({ event, median }) => [
      event.timestamp.toISOString(),
      event.customer,
      event.responseModel ?? event.requestModel ?? null,
      event.id,
      event.cost.amount ?? null,
      median,
    ]),
    notes: [rule],
  };
}

export function forecastSheet(forecasts: readonly Forecast[], timeZone: string): Sheet {
  const [first] = forecasts;
  const until = first === undefined ? '' : ` on ${showTime(first.period.end, timeZone)}`;
  return {
    title: `What the period will have cost when it ends${until} (${timeZone})`,
    names: ['currency'],
    numbers: ['spent', 'expected', 'low', 'high', 'days_of_history'],
    rows: forecasts.map((each) => [each.currency, each.spent, each.expected, each.low, each.high, each.days]),
    ...(first === undefined
      ? {}
      : {
          notes: [
            `method: ${first.method}.`,
            ...(first.days < 7 ? [`It rests on ${first.days} days, which is little more than a guess.`] : []),
          ],
        }),
  };
}

export function marginSheet(margins: readonly Margin[]): Sheet {
  return {
    title: 'Charge and margin beside cost',
    names: ['customer', 'attribution', 'currency'],
    numbers: ['calls', 'cost', 'charge', 'margin', 'margin_rate', 'uncharged', 'unpriced'],
    rows: margins.map((each) => [
      each.customer,
      each.customer === null ? (each.unattributed ? 'unattributed' : 'nobody') : 'attributed',
      each.currency,
      each.events,
      each.cost,
      each.charge,
      each.margin,
      each.rate ?? null,
      each.uncharged,
      each.unpriced,
    ]),
  };
}
